"""Writes docs/performance.md, docs/costs.md and the figures in README from docs/figures/performance.json and prices."""

import json
from collections.abc import Iterable
from typing import Any

from local.emulator import ROOT
from tools import costs
from tools.bench.caching import WITH_CACHE, WITHOUT_CACHE
from tools.costs import Cost

HEAD = """\
# Performance

Written by `make bench`. It measures everything in one run in the local cloud, side by side with the alternatives.

{date}, {machine}.

Programs for arm64 are emulated here, so a step takes longer than on an arm64 machine. These figures contain nothing of
AWS: neither the minute in which CodeBuild [finds a machine](assumptions.md#provisioning-time) nor AWS's network.

![A change of one line with and without the layer cache](figures/performance.svg)

"""


SECTIONS = (
    (
        "From upload to recorded",
        """\
Compared, in turns, with `docker build`, `docker tag` and `docker push` of the same source to the same registry, without
the login. `more than by hand` is the difference in each turn. A build watches the image's program for half a second,
unless it ends earlier.
""",
        ("a trivial", "an image"),
    ),
    (
        "A change of one line",
        """\
From upload to recorded, for a service whose `npm ci` compiles four of its packages. The image doesn't contain the
compiler: the compiler is mounted for that step, or is in a stage of its own. Like a new CodeBuild machine, the emptied
engine has no image, no layer and no cache. Without the cache in the repository, every step runs again and fills the
cache.
""",
        ("a change of one line",),
    ),
    (
        "Compression",
        """\
The same single-stage service, built without a cache, with gzip and zstd for new layers in turns: the time from upload
to recorded, and the size of the layers in the repository. The base image's layers use gzip in both cases.
""",
        ("compressing",),
    ),
    (
        "The functions",
        """\
Each function runs in a process of its own, with this machine's Python and the local cloud. The bare function only
imports boto3, creates an S3 client and sends one request. Both functions share one package.
""",
        ("bare", "StartBuild", "RecordImage", "the package"),
    ),
    (
        "Rejecting",
        """\
StartBuild rejects a zip of 1 GiB without a Dockerfile. It reads only the end of the zip.
""",
        ("rejecting",),
    ),
    (
        "Recording",
        """\
How long RecordImage takes after a build to record the image and notify the uploader, depending on how many images the
repository keeps. Cold includes the function's init, which an upload that comes alone waits for. Warm doesn't.
""",
        ("recording",),
    ),
)
"""The page's sections: title, introduction, and how the subjects of its figures begin."""


def document(found: dict[str, Any]) -> str:
    """The page's text. Sections without figures are left out."""
    parts = [HEAD.format(date=found["date"], machine=found["machine"])]
    for title, text, subjects in SECTIONS:
        rows = [row for row in found["figures"] if row["subject"].startswith(subjects)]
        if rows:
            parts.append(f"## {title}\n\n{text}\n{table(rows)}\n")
    parts.append(requests(found["requests"]))
    parts.append(cost())
    return "".join(parts)


def table(rows: Iterable[dict[str, Any]]) -> str:
    """The figures as a table."""
    lines = ["| | | median | min | max | runs |", "|---|---|---|---|---|---|"]
    for row in rows:
        values = [f"{row[name]:,g} {row['unit']}".strip() for name in ("median", "min", "max")]
        lines.append(f"| {row['subject']} | {row['what']} | {' | '.join(values)} | {row['runs']} |")
    return "\n".join([*lines, ""])


def requests(asked: dict[str, list[str]]) -> str:
    """The list of each function's requests."""
    lines = ["## Requests to AWS", "", "For one event, if nothing goes wrong:", ""]
    lines += [
        f"- {function}, {len(names)}: {', '.join(f'`{name}`' for name in names)}" for function, names in asked.items()
    ]
    return "\n".join([*lines, "", ""])


def cost() -> str:
    """The section about costs."""
    head = f"## Costs\n\nIn US dollars, at us-east-1's list prices of {costs.DATE} without free tiers; check them.\n\n"
    return head + priced("an idle month", costs.of_an_idle_month()) + "\n" + priced("one upload", costs.of_a_build())


def priced(title: str, parts: list[Cost]) -> str:
    """A table of the parts and their sum."""
    rows = [(part.what, f"{part.dollars:.4f}") for part in parts]
    rows.append(("**sum**", f"**{sum(part.dollars for part in parts):.4f}**"))
    return "\n".join([f"| {title} | |", "|---|---|", *(f"| {what} | {dollars} |" for what, dollars in rows), ""])


def in_place(page: str, name: str, text: str) -> str:
    """The page with this text between the two comments that mark its place."""
    before, marker, rest = page.partition(f"<!-- {name} -->\n")
    _, end, after = rest.partition("<!-- -->")
    return before + marker + text + end + after


def monthly(*services: int) -> str:
    """A table of monthly costs with a column for each number of services: alone, then with the ECS example."""
    alone, added = (
        [(parts[0].what, [part.dollars for part in parts]) for parts in zip(*map(of, services), strict=True)]
        for of in (costs.of_a_month, costs.of_a_month_in_ecs)
    )
    rows = [*alone, summed("Source to ECR", alone), *added, summed("with the example in ECS", alone + added)]
    heads = [f"{number} service{'s' if number > 1 else ''}" for number in services]
    lines = [f"| | {' | '.join(heads)} |", "|---" * (len(services) + 1) + "|"]
    lines += [f"| {what} | {' | '.join(f'{each:.2f}' for each in dollars)} |" for what, dollars in rows]
    return "\n".join([*lines, ""])


def summed(what: str, rows: list[tuple[str, list[float]]]) -> tuple[str, list[float]]:
    """A row with the sum of each column."""
    return f"**{what}**", [sum(column) for column in zip(*(dollars for _, dollars in rows), strict=True)]


def figures(found: dict[str, Any]) -> str:
    """The README's two figures in words."""
    medians = {(row["subject"], row["what"]): row["median"] for row in found["figures"]}
    change = "a change of one line, multi-stage"
    cached, uncached = medians[change, WITH_CACHE], medians[change, WITHOUT_CACHE]
    more = medians["an image with 20 s of work", "more than by hand"]
    return (
        f"In the local cloud, a new build machine takes **{cached:.0f} s** from the upload of a one-line change to its "
        "recorded image. Without\n"
        f"the layer cache, it takes {uncached:.0f} s. To an image that takes 20 s to build, tag and push by hand, the "
        f"pipeline adds **{more:.1f} s**.\n"
        "On AWS, expect [about a minute more](docs/assumptions.md#provisioning-time), until CodeBuild has a machine. "
        "[Performance](docs/performance.md) has the details.\n"
    )


def write() -> None:
    """Writes the pages and the README's figures."""
    found = json.loads((ROOT / "docs" / "figures" / "performance.json").read_text())
    (ROOT / "docs" / "performance.md").write_text(document(found))
    for page, name, text in (("README.md", "figures", figures(found)), ("docs/costs.md", "costs", monthly(1, 5, 10))):
        (ROOT / page).write_text(in_place((ROOT / page).read_text(), name, text))


if __name__ == "__main__":
    write()
