"""Code that several of the emulator's additions use."""
