"""Recorded images: listed, written to the parameter again, and copied to another stage."""
