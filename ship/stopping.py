"""The end of a build before its time."""

from ship.access import Access


def stop(access: Access, build_id: str) -> None:
    """Stops a build. Its upload then fails as `stopped`.

    https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StopBuild.html
    """
    access.codebuild.stop_build(id=build_id)
