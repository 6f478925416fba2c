"""Gathers the evidence for the checks: the deployed stack, and what becomes of uploads."""
