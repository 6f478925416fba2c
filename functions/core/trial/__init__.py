"""Whether an image's program starts, by what its trial showed."""
