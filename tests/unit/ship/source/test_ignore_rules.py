"""The rules of .dockerignore are read as docker reads them: by its own table, and from files as people write them.

The table has the facts of moby's tests: 117 that match or don't, and the patterns that aren't taken. An upgrade of what
reads the rules here can't change one of them unnoticed.
https://github.com/moby/patternmatcher/blob/main/patternmatcher_test.go
"""

from pathlib import Path

import pytest

from ship.problem import Problem
from ship.source import packing
from tests.support.trees import write
from tests.support.zips import Link

WHEEL = "dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl"
# The rules, what they ignore, and what they don't.
VECTORS: list[tuple[str, list[str], list[str]]] = [
    ("**", ["file", "file/", "/", "dir/file", "dir/file/"], []),
    ("**/", ["file", "file/", "/", "dir/file", "dir/file/"], []),
    ("**/**", ["dir/file", "dir/file/"], []),
    ("dir/**", ["dir/file", "dir/file/", "dir/dir2/file", "dir/dir2/file/"], []),
    ("**/dir", ["dir", "dir/file"], []),
    ("**/dir2/*", ["dir/dir2/file", "dir/dir2/file/"], []),
    ("**/dir2/**", ["dir/dir2/dir3/file", "dir/dir2/dir3/file/"], []),
    ("**file", ["file", "dir/file", "dir/dir/file"], []),
    ("**/file", ["dir/file", "dir/dir/file"], []),
    ("**/file*", ["dir/dir/file", "dir/dir/file.txt"], []),
    ("**/file*txt", ["dir/dir/file.txt"], []),
    ("**/file*.txt", ["dir/dir/file.txt"], []),
    ("**/file*.txt*", ["dir/dir/file.txt"], []),
    ("**/**/*.txt", ["dir/dir/file.txt", "file.txt"], []),
    ("**/**/*.txt2", [], ["dir/dir/file.txt"]),
    ("**/*.txt", ["file.txt"], []),
    ("a**/*.txt", ["a/file.txt", "a/dir/file.txt", "a/dir/dir/file.txt"], []),
    ("a/*.txt", ["a/file.txt"], ["a/dir/file.txt"]),
    ("a/*.txt**", ["a/file.txt"], []),
    ("a[b-d]e", ["ace"], ["ae", "aae"]),
    ("a[^b-d]e", ["aze"], []),
    (".*", [".foo"], ["foo"]),
    ("abc.def", ["abc.def"], ["abcdef", "abcZdef"]),
    ("abc?def", ["abcZdef"], ["abcdef"]),
    ("a\\\\", ["a\\"], []),
    ("**/foo/bar", ["foo/bar", "dir/foo/bar", "dir/dir2/foo/bar"], []),
    ("abc/**", ["abc/def", "abc/def/ghi"], ["abc"]),
    ("**/.foo", [".foo"], ["bar.foo"]),
    ("a(b)c/def", ["a(b)c/def"], ["a(b)c/xyz"]),
    ("a.|)$(}+{bc", ["a.|)$(}+{bc"], []),
    (WHEEL, [WHEEL], []),
    ("dist/*.whl", [WHEEL], []),
    ("a\\*b", ["a*b"], ["ab"]),
    ("abc", ["abc"], []),
    ("*", ["abc", "fileutils.go"], []),
    ("*c", ["abc"], []),
    ("a*", ["a", "abc", "ab/c"], []),
    ("a*/b", ["abc/b"], ["a/c/b"]),
    ("a*b*c*d*e*/f", ["axbxcxdxe/f", "axbxcxdxexxx/f"], ["axbxcxdxe/xxx/f", "axbxcxdxexxx/fff"]),
    ("a*b?c*x", ["abxbbxdbxebxczzx"], ["abxbbxdbxebxczzy"]),
    ("ab[c]", ["abc"], []),
    ("ab[b-d]", ["abc"], []),
    ("ab[e-g]", [], ["abc"]),
    ("ab[^c]", [], ["abc"]),
    ("ab[^b-d]", [], ["abc"]),
    ("ab[^e-g]", ["abc"], []),
    ("a?b", ["a\u263ab"], ["a/b"]),
    ("a[^a]b", ["a\u263ab"], []),
    ("a???b", [], ["a\u263ab"]),
    ("a[^a][^a][^a]b", [], ["a\u263ab"]),
    ("[a-\u03b6]*", ["\u03b1"], []),
    ("*[a-\u03b6]", [], ["A"]),
    ("a*b", [], ["a/b"]),
    ("[\\]a]", ["]"], []),
    ("[\\-]", ["-"], []),
    ("[x\\-]", ["x", "-"], ["z"]),
    ("[\\-x]", ["x", "-"], ["a"]),
    ("*x", ["xxx"], []),
    ("**\n!util/docker/web", [], ["util/docker/web/foo"]),
    ("**\n!util/docker/web\nutil/docker/web/foo", ["util/docker/web/foo"], []),
    (f"**\n!{WHEEL}", [], [WHEEL]),
    ("**\n!dist/*.whl", [], [WHEEL]),
    ("*.go", ["fileutils.go"], []),
    ("!fileutils.go\n*.go", ["fileutils.go"], []),
    ("docs\n!docs/README.md", [], ["docs/README.md"]),
    ("docs/\n!docs/README.md", [], ["docs/README.md"]),
    ("docs/*\n!docs/README.md", [], ["docs/README.md"]),
    ("*.go\n!fileutils.go", [], ["fileutils.go"]),
]
# By moby's own check, then by Go's regular expressions, which it makes of them, then by its reading of the file.
BAD = ["[]a]", "[-]", "[x-]", "[-x]", "\\", "[a-b-c]", "[", "[^", "[^bc", "a[", "[Local-Only]/", "!", "! ", "!/", "!//"]
MISREAD = [
    "build\\output",
    "build\\debug",
    "\\\\\\src",
    "a[\\d]",
    "a[[:digit:]]",
    "caf\\\u00e9",
    "a\rb",
    "a\tb",
    "a\0b",
]
MATCHING = [(rules, path) for rules, ignored, _ in VECTORS for path in ignored]
OTHERS = [(rules, path) for rules, _, kept in VECTORS for path in kept]


def sent(folder: Path, dockerfile: str = "Dockerfile") -> set[str]:
    """The files that would be sent, but for the Dockerfile and the rules."""
    read = {dockerfile, f"{dockerfile}.dockerignore", ".dockerignore"}
    return {each.name for each in packing.entries(folder, dockerfile) if each.mode != packing.FOLDER} - read


def ignores(folder: Path, rules: str, path: str) -> bool:
    """Whether these rules ignore a path."""
    (folder / ".dockerignore").write_text(rules)
    matcher, _ = packing.rules(folder, "Dockerfile")
    return matcher.matches(path)


# Docker's table


def test_the_table_is_whole() -> None:
    assert len({*MATCHING, *OTHERS}) == 117


@pytest.mark.parametrize(("rules", "path"), MATCHING)
def test_what_docker_ignores_is_ignored(rules: str, path: str, tmp_path: Path) -> None:
    assert ignores(tmp_path, rules, path)


@pytest.mark.parametrize(("rules", "path"), OTHERS)
def test_what_docker_does_not_ignore_is_not(rules: str, path: str, tmp_path: Path) -> None:
    assert not ignores(tmp_path, rules, path)


@pytest.mark.parametrize(("rules", "path"), [each for each in MATCHING if not each[1].endswith("/")])
def test_a_file_that_docker_ignores_is_not_sent(rules: str, path: str, tmp_path: Path) -> None:
    assert sent(write(tmp_path / "folder", {".dockerignore": rules, path: ""})) == set()


@pytest.mark.parametrize(("rules", "path"), OTHERS)
def test_a_file_that_docker_does_not_ignore_is_sent(rules: str, path: str, tmp_path: Path) -> None:
    assert sent(write(tmp_path / "folder", {".dockerignore": rules, path: ""})) == {path}


@pytest.mark.parametrize("pattern", BAD)
def test_a_pattern_that_docker_refuses_is_a_problem_of_that_file(pattern: str, tmp_path: Path) -> None:
    write(tmp_path, {".dockerignore": f"src\n{pattern}\n"})

    with pytest.raises(Problem, match=r"^\.dockerignore has a pattern that docker refuses"):
        packing.entries(tmp_path, "Dockerfile")


@pytest.mark.parametrize("pattern", MISREAD)
def test_a_pattern_that_docker_takes_for_a_regular_expression_is_a_problem(pattern: str, tmp_path: Path) -> None:
    write(tmp_path, {".dockerignore": f"src\n{pattern}\n"})

    with pytest.raises(Problem) as raised:
        packing.entries(tmp_path, "Dockerfile")

    assert raised.value.what == f".dockerignore has a pattern that docker refuses or misreads: {pattern!r}."
    assert raised.value.to_do == "Use only names, / and *."


# The file


@pytest.mark.parametrize(
    "text",
    [
        "docs\nsrc\n",
        "docs\nsrc",
        "docs\r\nsrc\r\n",
        "\ufeffdocs\nsrc\n",
        "# what nobody needs\n\n  \ndocs\n#a\nsrc\n",
        "  docs\t\n\tsrc  \n",
        "/docs\n./src/\n",
        "docs/guide/..\nsrc//\n",
        "!docs\ndocs\n!src/main\nsrc\n",
    ],
    ids=["plain", "no end", "CRLF", "BOM", "comments", "spaces", "slashes", "dots", "taken back too early"],
)
def test_a_file_is_read_however_it_was_written(text: str, tmp_path: Path) -> None:
    write(tmp_path, {".dockerignore": text.encode(), "docs/a": "", "src/main.py": "", "a": "", "#a": ""})

    assert sent(tmp_path) == {"a", "#a"}


A, B = {"a": ""}, {"b": ""}
RULES = {".dockerignore": "a\n"}
READ: dict[str, tuple[dict[str, str | bytes], str, set[str]]] = {
    "a comment begins at the first character": (
        {".dockerignore": "#a\n #b\n", "#a": "", "#b": ""},
        "Dockerfile",
        {"#a"},
    ),
    "not UTF-8": ({".dockerignore": b"caf\xe9\n", "caf\udce9": "", "cafe": ""}, "Dockerfile", {"cafe"}),
    "nothing": ({".dockerignore": "", **A}, "Dockerfile", {"a"}),
    "an empty line": ({".dockerignore": "\n", **A}, "Dockerfile", {"a"}),
    "a comment": ({".dockerignore": "# nothing\n", **A}, "Dockerfile", {"a"}),
    "a folder of that name": ({".dockerignore/a": "", **B}, "Dockerfile", {".dockerignore/a", "b"}),
    "a link to nowhere": ({".dockerignore": Link("nowhere"), **A}, "Dockerfile", {"a"}),
    "an own link to nowhere": ({"Dockerfile.dockerignore": Link("nowhere"), **A}, "Dockerfile", {"a"}),
    "brackets in brackets": (
        {".dockerignore": "app/[[]id]\n", "app/[id]/page.js": "", "app/i/page.js": ""},
        "Dockerfile",
        {"app/i/page.js"},
    ),
    **{
        f"the rules of {name} itself": ({**RULES, f"{name}.dockerignore": "b\n", **A, **B}, name, {"a"})
        for name in ("Dockerfile", "docker/Dockerfile", "docker/dev.Dockerfile")
    },
    "own rules, which are empty": ({**RULES, "Dockerfile.dockerignore": "", **A}, "Dockerfile", {"a"}),
    "the rules of another Dockerfile": (
        {**RULES, "Dockerfile.dockerignore": "b\n", **A, **B},
        "Dockerfile.prod",
        {"b", "Dockerfile.dockerignore"},
    ),
    "rules in the Dockerfile's folder": (
        {"docker/.dockerignore": "a\n", "docker/Dockerfile": "", **A},
        "docker/Dockerfile",
        {"a", "docker/.dockerignore"},
    ),
    **{  # before any other character, a backslash is none
        f"a backslash: {pattern}": ({".dockerignore": pattern, "src/main.py": ""}, "Dockerfile", {"src/main.py"})
        for pattern in ("src\\[1\\]", "\\!src", "\\#src", "a\\\\b", "a\\_b", "with\\ space")
    },
}


@pytest.mark.parametrize("case", READ)
def test_the_rules_are_those_that_docker_reads(case: str, tmp_path: Path) -> None:
    files, dockerfile, expected = READ[case]

    assert sent(write(tmp_path / "folder", files), dockerfile) == expected


@pytest.mark.parametrize("name", [".dockerignore", "Dockerfile.dockerignore"])
def test_a_problem_names_the_file_that_was_read(name: str, tmp_path: Path) -> None:
    write(tmp_path, {".dockerignore": "", name: "["})

    with pytest.raises(Problem, match=rf"^{name} has a pattern"):
        packing.entries(tmp_path, "Dockerfile")
    (tmp_path / name).unlink()
    write(tmp_path, {name: Link("conf/ignored"), "conf/ignored": "a\n"})

    with pytest.raises(Problem, match=rf"^{name} is a link"):
        packing.entries(tmp_path, "Dockerfile")
