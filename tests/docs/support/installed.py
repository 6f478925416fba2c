"""A stack, the stacks that use it, and its data."""

from tools.uninstall.plan import OWN_STACKS, Kind, Stack, Thing

ID = "arn:aws:cloudformation:us-east-1:123456789012:stack/source-to-ecr/1"
PIPELINE = Stack("source-to-ecr", ID, "UPDATE_COMPLETE", is_pipeline=True)
USERS = tuple(Stack(f"jwt-pizza-service-{ending}", f"{ending}-id", "CREATE_COMPLETE") for ending in OWN_STACKS)
BUCKET = Thing(Kind.BUCKET, "a-bucket", 3_000_000_000, "2 sources, 3.0 GB")
REPOSITORY = Thing(Kind.REPOSITORY, "jwt-pizza-service", 2_000_000_000, "2 images, at most 2.0 GB")
PARAMETER = Thing(Kind.PARAMETER, "/jwt-pizza-service/image-uri")
LOG = Thing(Kind.LOG_GROUP, "jwt-pizza-service-ecs-Logs-1", 4_000, "4.0 KB")
THINGS = (LOG, BUCKET, REPOSITORY, PARAMETER)
