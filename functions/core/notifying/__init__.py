"""Notifying uploaders: the statuses, the notifications, and the retry policy."""
