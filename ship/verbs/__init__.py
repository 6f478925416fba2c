"""The verbs: a module each, with its options, its help and its exit codes."""
