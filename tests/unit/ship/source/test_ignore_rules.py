"""The rules of .dockerignore are read as docker reads them: by its own table, and from files as people write them.

The table has the facts of moby's tests: 117 that match or don't, and the patterns that aren't taken. An upgrade of what
reads the rules here can't change one of them unnoticed.
https://github.com/moby/patternmatcher/blob/main/patternmatcher_test.go
"""

import warnings
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


@pytest.mark.parametrize("pattern", ["src\\[1\\]", "\\!src", "\\#src", "a\\\\b", "a\\_b", "with\\ space"])
def test_a_backslash_before_any_other_character_is_none(pattern: str, tmp_path: Path) -> None:
    write(tmp_path, {".dockerignore": pattern, "src/main.py": ""})

    assert sent(tmp_path) == {"src/main.py"}


def test_brackets_in_brackets_are_no_reason_to_warn(tmp_path: Path) -> None:
    write(tmp_path, {".dockerignore": "app/[[]id]\n", "app/[id]/page.js": "", "app/i/page.js": ""})

    with warnings.catch_warnings(action="error"):
        assert sent(tmp_path) == {"app/i/page.js"}


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


def test_a_comment_begins_at_the_line_s_first_character(tmp_path: Path) -> None:
    write(tmp_path, {".dockerignore": "#a\n #b\n", "#a": "", "#b": ""})

    assert sent(tmp_path) == {"#a"}


def test_a_file_that_is_not_utf_8_ignores_such_names(tmp_path: Path) -> None:
    write(tmp_path, {".dockerignore": b"caf\xe9\n", "caf\udce9": "", "cafe": ""})

    assert sent(tmp_path) == {"cafe"}


@pytest.mark.parametrize("rules", ["", "\n", "# nothing\n"])
def test_an_empty_file_ignores_nothing(rules: str, tmp_path: Path) -> None:
    write(tmp_path, {".dockerignore": rules, "a": "", "b/c": ""})

    assert sent(tmp_path) == {"a", "b/c"}


def test_a_folder_of_that_name_is_no_file_of_rules(tmp_path: Path) -> None:
    write(tmp_path, {".dockerignore/a": "", "b": ""})

    assert sent(tmp_path) == {".dockerignore/a", "b"}


# Which file


@pytest.mark.parametrize("dockerfile", ["Dockerfile", "docker/Dockerfile", "docker/dev.Dockerfile"])
def test_a_dockerfile_s_own_rules_count_instead_of_the_others(dockerfile: str, tmp_path: Path) -> None:
    write(tmp_path, {".dockerignore": "a\n", f"{dockerfile}.dockerignore": "b\n", "a": "", "b": ""})

    assert sent(tmp_path, dockerfile) == {"a"}


def test_own_rules_that_are_empty_count_too(tmp_path: Path) -> None:
    write(tmp_path, {".dockerignore": "a\n", "Dockerfile.dockerignore": "", "a": ""})

    assert sent(tmp_path) == {"a"}


def test_the_rules_of_another_dockerfile_do_not_count(tmp_path: Path) -> None:
    write(tmp_path, {".dockerignore": "a\n", "Dockerfile.dockerignore": "b\n", "a": "", "b": ""})

    assert sent(tmp_path, "Dockerfile.prod") == {"b", "Dockerfile.dockerignore"}


def test_rules_in_the_dockerfile_s_folder_do_not_count(tmp_path: Path) -> None:
    write(tmp_path, {"docker/.dockerignore": "a\n", "docker/Dockerfile": "", "a": ""})

    assert sent(tmp_path, "docker/Dockerfile") == {"a", "docker/.dockerignore"}


@pytest.mark.parametrize("name", [".dockerignore", "Dockerfile.dockerignore"])
def test_a_problem_names_the_file_that_was_read(name: str, tmp_path: Path) -> None:
    write(tmp_path, {".dockerignore": "", name: "["})

    with pytest.raises(Problem, match=rf"^{name} has a pattern"):
        packing.entries(tmp_path, "Dockerfile")


@pytest.mark.parametrize("name", [".dockerignore", "Dockerfile.dockerignore"])
def test_rules_behind_a_link_are_a_problem(name: str, tmp_path: Path) -> None:
    write(tmp_path, {name: Link("conf/ignored"), "conf/ignored": "a\n"})

    with pytest.raises(Problem, match=rf"^{name} is a link"):
        packing.entries(tmp_path, "Dockerfile")


@pytest.mark.parametrize("name", [".dockerignore", "Dockerfile.dockerignore"])
def test_a_link_that_leads_nowhere_is_no_file_of_rules(name: str, tmp_path: Path) -> None:
    write(tmp_path, {name: Link("nowhere"), "a": ""})

    assert sent(tmp_path) == {"a"}
