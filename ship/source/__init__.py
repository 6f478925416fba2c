"""Packs a source and checks it before it is sent."""
