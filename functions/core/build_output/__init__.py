"""Explains a failed `docker build` from its output."""
