"""What all tests share: no real AWS, no network, no chance, and the functions' settings as the template gives them."""

import gc
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from botocore.loaders import create_loader
from hypothesis import HealthCheck, settings
from pytest_socket import disable_socket, enable_socket

for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ |= {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "POWERTOOLS_SERVICE_NAME": "jwt-pizza-service",
    "POWERTOOLS_METRICS_NAMESPACE": "source-to-ecr",
    "PYTHONDONTWRITEBYTECODE": "1",
}
sys.dont_write_bytecode = True  # in functions/, it would make another version of the builder

# The same examples each time, with nothing kept from run to run, however slow the machine is. `make test` is thorough.
# `random` is for a search by hand: other examples each time.
settings.register_profile(
    "thorough", database=None, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("quick", settings.get_profile("thorough"), max_examples=25)
settings.register_profile("random", settings.get_profile("thorough"), derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def pytest_collection_finish() -> None:
    """What was imported and collected stays, so the garbage collector needn't look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(scope="session", autouse=True)
def made_once() -> Iterator[None]:
    """Reads the services' models once, and keeps moto from preparing answers for `requests`, which nothing uses."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.session.create_loader", cache(create_loader))
        patch.setattr("moto.core.models.RESPONSES_METHODS", [])
        yield


@pytest.fixture(autouse=True)
def network(request: pytest.FixtureRequest) -> None:
    """Nothing below the end-to-end suite and the local cloud's own tests opens a connection."""
    suite = request.path.relative_to(Path(__file__).parent).parts[0]
    if suite in {"e2e", "local"}:
        enable_socket()
    else:
        disable_socket(allow_unix_socket=True)
