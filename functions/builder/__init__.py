"""The builder, which CodeBuild runs. It requires Python 3.11 and boto3, which AWS's build images have."""
