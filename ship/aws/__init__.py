"""AWS with the caller's own credentials: a module for each service."""
