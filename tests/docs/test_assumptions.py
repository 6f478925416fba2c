"""The list of assumptions and the marks in code and documents agree: docs/assumptions.toml."""

import re
from dataclasses import asdict
from pathlib import Path

import pytest

from local.cloud.shared.live_settings import Settings
from tests.docs.support.documents import ROOT
from tools import assumptions
from tools.assumptions import ALL, AREAS, UNDOCUMENTED, Assumption, read

MARK = re.compile(r"#.*\bassumes: ([a-z0-9-]+(?:, [a-z0-9-]+)*)$", re.MULTILINE)
LINK = re.compile(r"\bassumptions\.md#([\w-]+)\)")
GENERATED = {"docs/assumptions.md", "docs/assumptions.toml", "docs/local-cloud.md"}
"""The list itself, and the pages that show all of it."""
IDS = [each.id for each in ALL]
EACH = pytest.mark.parametrize("assumption", ALL, ids=IDS)


def marked(text: str) -> set[str]:
    """The ids that a file's marks and links name."""
    return {name for names in MARK.findall(text) for name in names.split(", ")} | {*LINK.findall(text)}


@pytest.fixture(scope="module")
def marks() -> dict[str, set[str]]:
    """The ids that each file marks, except the tests' files, which quote marks."""
    folders = ("docs", "examples", "functions", "local", "ship", "tools")
    paths = [*ROOT.iterdir(), *(path for name in folders for path in (ROOT / name).rglob("*"))]
    named = {str(path.relative_to(ROOT)): path for path in paths if path.is_file() and path.suffix != ".pyc"}
    found = {name: marked(path.read_text(errors="replace")) for name, path in named.items() if name not in GENERATED}
    return {name: ids for name, ids in found.items() if ids}


@EACH
def test_an_assumption_is_marked_where_something_relies_on_it(
    assumption: Assumption, marks: dict[str, set[str]]
) -> None:
    assert assumption.files or any(assumption.id in found for found in marks.values())


def test_every_mark_is_in_the_list(marks: dict[str, set[str]]) -> None:
    assert {name: unknown for name, found in marks.items() if (unknown := found - {*IDS})} == {}


def test_the_local_cloud_marks_what_it_does_as_an_assumption_says(marks: dict[str, set[str]]) -> None:
    emulated = {each.id for each in ALL if each.emulated}
    assert {
        name: found - emulated for name, found in marks.items() if name.startswith("local/") and found - emulated
    } == {}


def test_each_switch_is_a_setting_that_is_on_at_first() -> None:
    settings = asdict(Settings())
    assert {each.id for each in ALL if each.switch and settings.get(each.switch) is not True} == set()


@EACH
def test_an_assumption_says_everything(assumption: Assumption) -> None:
    said = (assumption.claim, assumption.breaks, assumption.fallback, assumption.check)
    assert all(re.fullmatch(r"[`A-Z].*\.", text) for text in said)
    assert ". " not in assumption.claim
    assert assumption.area in AREAS


@EACH
def test_a_source_is_a_link_or_says_that_there_is_none(assumption: Assumption) -> None:
    links = assumption.source.split()
    assert assumption.source.startswith(UNDOCUMENTED) or all(re.fullmatch(r"https://\S+", link) for link in links)


@EACH
def test_only_a_file_that_holds_no_comment_is_named_instead_of_marked(assumption: Assumption) -> None:
    assert [name for name in assumption.files if not ((ROOT / name).exists() and Path(name).suffix == ".json")] == []


def test_the_ids_are_in_order_and_short() -> None:
    assert [(each.area, each.id) for each in ALL] == [
        (area, name) for area in AREAS for name in sorted(each.id for each in ALL if each.area == area)
    ]
    assert [name for name in IDS if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", name)] == []


def test_a_list_with_an_unknown_field_or_without_one_is_refused() -> None:
    fields = dict.fromkeys(("area", "claim", "source", "breaks", "fallback", "check"), "x")

    def listed(fields: dict[str, str]) -> str:
        return "\n".join(["[an-id]", *(f'{name} = "{value}"' for name, value in fields.items())])

    assert [each.id for each in read(listed(fields))] == ["an-id"]
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'claim'"):
        read(listed({name: "x" for name in fields if name != "claim"}))
    with pytest.raises(TypeError, match="unexpected keyword argument 'since'"):
        read(listed(fields | {"since": "x"}))


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("x = 1  # assumes: engine-restarts\n", {"engine-restarts"}),
        ("  # Why. assumes: host-kernel, cgroup-limits\n", {"host-kernel", "cgroup-limits"}),
        ("It [restarts](../assumptions.md#engine-restarts) it.", {"engine-restarts"}),
        ("<!-- # assumes: engine-restarts -->", set()),
        ("# assumes: one, and more", set()),
        ("It assumes: nothing\n", set()),
    ],
)
def test_a_mark_is_a_comment_at_the_end_of_a_line_or_a_link(text: str, ids: set[str]) -> None:
    assert marked(text) == ids


# The pages


AN_ASSUMPTION = Assumption(
    "an-id", "ship", "It holds.", "https://a https://b", "It ends.", "Do it.", "Look.", "It differs.", True, "a_setting"
)


def test_the_page_has_all_that_is_known_of_an_assumption() -> None:
    assert assumptions.entry(AN_ASSUMPTION).splitlines() == [
        "### an-id",
        "",
        "It holds.",
        "",
        "- **Source**: <https://a>; <https://b>",
        "- **If it is false**: It ends.",
        "- **Then**: Do it.",
        "- **What decides it**: Look.",
        "- **In the local cloud**: It behaves so. It differs. The setting `a_setting` breaks it.",
    ]


def test_the_local_clouds_page_has_the_claim_and_what_differs_there() -> None:
    assert assumptions.line(AN_ASSUMPTION) == r"- [an-id](assumptions.md#an-id)\*: It holds. Here: It differs."
