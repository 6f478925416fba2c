"""The Docker engine of this machine, and the images that it needs."""
