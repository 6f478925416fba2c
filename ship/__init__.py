"""The uploader's command: sends a folder, follows its build, and says what became of it, through AWS's APIs alone."""
