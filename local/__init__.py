"""The whole pipeline on one machine, without an AWS account: an engine, a local cloud, a real deployment."""
