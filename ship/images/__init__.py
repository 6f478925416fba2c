"""Lists recorded images, rolls back to them, and copies them to another stage."""
