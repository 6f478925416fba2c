"""`make bench`: measures everything in one run on the local cloud, and writes docs/performance.md, .json and .svg."""

import json
import os
import platform
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local.deployment import deployment
from local.docker.private_engine import SOCKET, engine
from local.emulator import ROOT
from local.exits import exit_code
from local.progress import UserError, say
from tools.bench import by_hand, caching, handlers, picture, recording, rejecting, report

DOCS = ROOT / "docs"


def main() -> int:
    """The exit code: 0 if all was measured and written."""
    return exit_code(measure)


def measure() -> None:
    """Measures and writes."""
    found = measured()
    (DOCS / "figures" / "performance.json").write_text(json.dumps(found, indent=2) + "\n")
    (DOCS / "figures" / "performance.svg").write_text(picture.drawing(found))
    report.write()
    say("Written: docs/performance.md, .json and .svg, the figures in README.md, and docs/costs.md")


def measured() -> dict[str, Any]:
    """All figures, of one machine and one day."""
    with engine() as docker:
        require_own(docker)
        with deployment() as deployed:
            here, pipeline = deployed.here, deployed.pipeline
            figures = by_hand.measure(pipeline, docker)
            of_handlers, requests = handlers.measure(here, pipeline)
            figures += of_handlers
            figures += rejecting.measure(here, pipeline)
            figures += recording.measure(here, pipeline)
            figures += caching.measure(pipeline, docker)  # last, as it empties the engine
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": machine(),
        "figures": [figure.as_json() for figure in figures],
        "requests": requests,
    }


def require_own(docker: Mapping[str, str]) -> None:
    """Refuses an engine that somebody else uses: the benchmark empties it again and again.

    Raises:
        UserError: it isn't the private one.
    """
    if docker["DOCKER_HOST"] != f"unix://{SOCKET}":
        raise UserError(
            "make bench removes all images and caches of its engine, so it uses none but its own, which root gets on "
            "Debian and Ubuntu. Stop Docker and call this again."
        )


def machine() -> str:
    """The machine in words."""
    model = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    name = model[1].strip() if model else platform.machine()
    return f"{os.cpu_count()} cores of {name} ({platform.machine()}), {memory:.0f} GiB"


if __name__ == "__main__":
    sys.exit(main())
