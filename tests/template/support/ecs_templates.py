"""The templates of the ECS example."""

from pathlib import Path

FOLDER = Path("examples/ecs-service")
LOGGING = {"logs:CreateLogStream", "logs:PutLogEvents"}
