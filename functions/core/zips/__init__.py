"""Checks a source zip before anything is unpacked."""
