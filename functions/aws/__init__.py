"""What touches AWS, the clock and the environment: one module for each service."""

"""What touches AWS, the clock and the environment: one module for each service."""
