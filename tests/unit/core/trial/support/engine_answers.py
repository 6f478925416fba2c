"""What the engine answers if it can't find or start a program."""

NO_NAME = 'exec: "{}": executable file not found in $PATH: unknown'
NO_FILE = 'exec: "{0}": stat {0}: no such file or directory: unknown'
NO_RIGHT = 'exec: "{}": permission denied: unknown'
