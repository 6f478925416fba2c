"""The edge: what touches AWS, the clock and the environment, one module for each service."""
