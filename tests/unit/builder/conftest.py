"""A separate machine and cloud for each test."""

import base64
import tempfile
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from aws import clients
from builder import commands, registry, source
from tests.support.digests import digests_of_manifests
from tests.support.hooks import unhook_all
from tests.support.wire import Wire
from tests.unit.builder.support.clients import ours
from tests.unit.builder.support.fake_engine import Engine
from tests.unit.builder.support.sandbox import BUCKET, DOCKERFILE, REGISTRY, REPOSITORY, TAG, Sandbox


@pytest.fixture(scope="package")
def session() -> Iterator[boto3.Session]:
    """A session that these tests share, so that they read the services' models only once."""
    clients.made.cache_clear()
    yield boto3.Session()
    clients.made.cache_clear()


@pytest.fixture
def cloud(session: boto3.Session) -> Iterator[None]:
    """An account with an empty bucket and an empty repository."""
    with mock_aws(), digests_of_manifests():
        boto3.DEFAULT_SESSION = session  # moto has just replaced it
        ours("s3").create_bucket(Bucket=BUCKET)
        ours("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        ours("ecr").create_repository(repositoryName=REPOSITORY)
        yield
    unhook_all()


@pytest.fixture
def sandbox(
    cloud: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Sandbox:
    """S3 with one small upload, and an engine whose next build succeeds."""
    for name in ("source", "home", "tmp"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "source")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    used = (clients.s3(source.PATIENT), clients.ecr(registry.PATIENT), clients.secrets_manager(registry.PATIENT))
    public = Wire((clients.ecr_public(registry.PUBLIC),))
    token = base64.b64encode(b"AWS:the-public-password").decode()
    public.answers("GetAuthorizationToken", {"authorizationData": {"authorizationToken": token}})
    made = Sandbox(tmp_path, Engine(), Wire(used), public, monkeypatch, capsys)
    monkeypatch.setattr(commands, "subprocess", made.engine)
    made.variables(
        HOME=str(tmp_path / "home"),
        SOURCE_BUCKET=BUCKET,
        IMAGE_TAG=TAG,
        REPOSITORY_URI=f"{REGISTRY}/{REPOSITORY}",
        DOCKERFILE_PATH="Dockerfile",
        DOCKER_HOST="unix:///nowhere",  # so the builder restarts no engine
    )
    made.upload({"Dockerfile": DOCKERFILE})
    return made
