"""The pure core: decisions and their reasons, without AWS, clock or environment."""
