"""What the emulator's additions share."""
