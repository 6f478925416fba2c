"""The recorded image in its ECS service: its deployment, its tasks, and their output."""
