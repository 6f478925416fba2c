"""Nothing of an upload runs outside `docker build`, where the build's role is."""

from local.pipeline import Pipeline, Upload
from local.sources.samples import hostile
from tests.e2e.support.waiting import SECONDS


def test_a_recipe_and_a_git_folder_in_the_upload_are_inert(pipeline: Pipeline, first: Upload) -> None:
    group = pipeline.builds(first)[0]["logs"]["groupName"]
    # The build's role may do this, so it would be done.
    command = f"aws logs create-log-stream --log-group-name {group} --log-stream-name hostile"
    upload = pipeline.upload("hostile.zip", hostile(command))
    pipeline.wait_until_recorded(upload, SECONDS)
    pages = pipeline.logs.get_paginator("describe_log_streams").paginate(logGroupName=group)
    streams = {stream["logStreamName"] for page in pages for stream in page["logStreams"]}
    assert {build["logs"]["streamName"] for build in pipeline.builds(upload)} <= streams
    assert "hostile" not in streams
