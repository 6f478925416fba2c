"""Recording: the triggers of RecordImage, and the image to record."""
