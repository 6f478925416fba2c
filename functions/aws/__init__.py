"""The AWS services, the environment and metrics: one module each."""
