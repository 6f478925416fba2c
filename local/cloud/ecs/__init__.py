"""ECS: how tasks start and stay healthy, and what becomes of deployments."""
