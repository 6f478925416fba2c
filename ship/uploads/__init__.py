"""Uploads: sent, followed, stopped, and what became of them."""
