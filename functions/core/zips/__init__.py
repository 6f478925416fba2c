"""A source zip, before anything is unpacked: whether it can be built."""
