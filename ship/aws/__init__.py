"""What `ship` asks of AWS, with the caller's own credentials."""
