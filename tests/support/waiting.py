"""How long a test waits for what must come."""

PATIENCE = 240.0
"""Seconds: a net for what hangs, far from what anything takes. It is below pytest's own, so that the wait is named."""
