"""The tests' docker knows the builder's commands and ends a test that gives it any other."""

import pytest

from tests.unit.builder.support.docker_commands import UnknownError
from tests.unit.builder.support.fake_engine import Engine

BUILD = ["docker", "buildx", "build", "--progress", "plain", "--platform", "linux/arm64", "--file", "/a/Dockerfile"]
CREATE = ["docker", "create", "--pull", "never", "--network", "none", "--pids-limit", "9", "--log-opt", "x"]
UNKNOWN = {
    "another program": ["aws", "s3", "ls"],
    "a path to docker": ["/usr/bin/docker", "info", "--format", "json"],
    "another command": ["docker", "run", "image"],
    "no command": ["docker"],
    "a password in the command": ["docker", "login", "--username", "AWS", "--password", "secret", "registry"],
    "a password that isn't typed": ["docker", "login", "--username", "AWS", "registry"],
    "an option for more permissions": [*BUILD, "--allow", "network.host", "--load", "/b"],
    "a network": [*BUILD, "--network", "host", "--load", "/b"],
    "an option twice": [*BUILD, "--platform", "linux/amd64", "/b"],
    "an option without its value": ["docker", "info", "--format"],
    "no result": [*BUILD, "/b"],
    "two contexts": [*BUILD, "--output", "type=cacheonly", "/b", "/c"],
    "a container with a network": [*(word if word != "none" else "bridge" for word in CREATE), "image"],
    "a container without bounds": [*CREATE[:6], "image"],
    "a container of an unknown image": [*CREATE, "image"],
    "an unknown container": ["docker", "start", "c0ffee"],
    "a removal that keeps the volumes": ["docker", "rm", "--force", "c0ffee"],
    "a copy that follows no link": ["docker", "cp", "c0ffee:/app", "/tmp/app"],
}


@pytest.mark.parametrize("args", UNKNOWN.values(), ids=UNKNOWN)
def test_an_unknown_command_ends_the_test(args: list[str]) -> None:
    engine = Engine()
    with pytest.raises(UnknownError):
        engine.run(args, env=None, input=b"secret", capture_output=True, check=False)
    assert engine.unknown
