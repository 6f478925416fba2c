"""What a build runs in CodeBuild. Python 3.11 and newer, with boto3, which AWS's build images have."""
