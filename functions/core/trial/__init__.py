"""Decides from a trial's facts whether an image can start."""
