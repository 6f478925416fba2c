"""Sources to upload: samples that build, and samples that fail."""
