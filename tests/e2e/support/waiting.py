"""How long an end-to-end test waits for what must come."""

SECONDS = 900.0
"""For whatever a test waits for: a net for what hangs, wide enough for builds that wait on a slow machine."""
