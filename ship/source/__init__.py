"""A source before it is sent: what is packed, and what is looked at."""
