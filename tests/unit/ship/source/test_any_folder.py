"""Whatever is in a folder, and whatever is ignored."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from core.zips import checks
from ship.source import packing
from tests.support.served import Served
from tests.support.trees import Listing, Program, listed, listed_in_zip, write
from tests.support.zips import Link
from tests.unit.ship.support.packed import packed

parts = st.sampled_from(["a", "b", "a b", ".c", "é", "__MACOSX", "Dockerfile"])
paths = st.lists(parts, min_size=1, max_size=4).map("/".join)
contents = st.sampled_from(["", "text", Program("program"), Link("a"), Link("../nowhere")])
patterns = st.lists(parts | st.sampled_from(["*", "**", "?", "[ab]", ".*", "a*", "**b"]), min_size=1, max_size=4)
rules = st.lists(st.builds("{}{}".format, st.sampled_from(["", "", "!", "/"]), patterns.map("/".join)), max_size=6)
dockerfiles = st.sampled_from(["Dockerfile", "Dockerfile", "a/Dockerfile", "a/b/Dockerfile"])


@st.composite
def sources(draw: st.DrawFn) -> tuple[dict[str, str], str]:
    """The files of a folder with a Dockerfile, and where that is; of two names that can't both be, one is there."""
    dockerfile = draw(dockerfiles)
    files: dict[str, str] = {dockerfile: "FROM scratch\n", ".dockerignore": "\n".join(draw(rules))}
    for path, content in draw(st.dictionaries(paths, contents, max_size=12)).items():
        if not any(f"{path}/".startswith(f"{other}/") or f"{other}/".startswith(f"{path}/") for other in files):
            files[path] = content
    return files, dockerfile


def within(listing: Listing) -> Listing:
    """The listing of what is in the folder that may be around all."""
    is_wrapped = all(name.startswith("source/") for name in listing)
    return {name.removeprefix("source/"): each for name, each in listing.items()} if is_wrapped else listing


@settings(max_examples=3 * settings().max_examples)
@given(sources())
def test_what_is_sent_is_all_that_is_not_ignored_in_its_folders(source: tuple[dict[str, str], str]) -> None:
    files, dockerfile = source
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), files)
        found = packing.entries(Path(folder), dockerfile)
        matcher, always = packing.rules(Path(folder), dockerfile)
        content = packed(Path(folder), dockerfile)

    folders = {str(parent) for name in files for parent in Path(name).parents[:-1]}
    kept = {name for name in {*files, *folders} if name in always or not matcher.matches(name)}
    above = {str(parent) for name in kept for parent in Path(name).parents[:-1]}
    expected = dict.fromkeys(kept & folders | above, ("folder", b"")) | listed(
        {name: files[name] for name in kept - folders}
    )
    assert {each.name for each in found} == expected.keys()
    assert within(listed_in_zip(content)) == expected
    assert checks.check(len(content), Served(content).fetch, 1, dockerfile) is None
