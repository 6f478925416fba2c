"""The pure core: what is decided, and why. No AWS, no clock, no environment."""
