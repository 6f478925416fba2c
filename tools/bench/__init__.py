"""`make bench`: measures the product beside its alternatives, all in one run on the local cloud."""
