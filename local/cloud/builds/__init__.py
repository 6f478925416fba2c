"""CodeBuild's machine: a build's record, its commands, its log."""
