"""Draws the template's dashboard with the numbers of a run in the local cloud."""
