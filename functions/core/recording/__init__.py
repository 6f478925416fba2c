"""What wakes RecordImage, and which image it records."""
