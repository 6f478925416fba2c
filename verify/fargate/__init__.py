"""The example's service on Fargate: its deployments as evidence, and what they leave behind."""
