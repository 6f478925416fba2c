"""What an ECS service makes of the recorded image: its deployment, and what its tasks run and print."""
