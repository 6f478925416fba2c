"""What an uploader learns of an upload, how, and when."""
