"""Which line of a tool's output says why a step failed.

The outputs in tests/build_outputs/tools/ are the tools' own, with other paths and hosts. Those of Go,
Gradle, .NET, apk, Poetry, Maven's compiler and two of Cargo's were written by hand.
"""

import pytest

from core.build_output.buildkit_output import cleaned
from core.build_output.telling_lines import GAP, quoted, shown, telling_line
from core.reasons import shortened
from tests.support.stack import ROOT

TOOLS = {path.stem: path.read_text() for path in (ROOT / "tests" / "build_outputs" / "tools").rglob("*.txt")}
TOLD = {
    "apk": "ERROR: unable to select packages: / libnosuch (no such package):",
    "apt": "E: Unable to locate package libnosuch-dev",
    "apt-404": "E: Failed to fetch http://deb.example/debian/pool/main/e/expat/libexpat1_2.5.0-1_arm64.deb ",
    "cargo": "error[E0425]: cannot find value `y` in this scope",
    "cargo-locked": "error: the lock file /app/Cargo.lock needs to be updated but --locked was passed to prevent this",
    "cargo-version": 'error: failed to select a version for the requirement `itoa = "=99.0.0"`',
    "dotnet-compile": "/src/Program.cs(3,5): error CS0103: The name 'handle' does not exist in the current context",
    "dotnet-no-project": "MSBUILD : error MSB1003: Specify a project or solution file.",
    "dotnet-package": "/src/app.csproj : error NU1101: Unable to find package Nothing.Here.",
    "go-module": "main.go:4:2: no required module provides package github.com/google/uuid; to add it: / go get ",
    "go-test": "--- FAIL: TestTotal (0.00s)",
    "go-toolchain": "go: go.mod requires go >= 1.23 (running go 1.22.5; GOTOOLCHAIN=local)",
    "go-undefined": "./main.go:9:2: undefined: handle",
    "gradle-compile": "/app/src/main/java/App.java:3: error: cannot find symbol",
    "gradle-dependency": "Execution failed for task ':compileJava'. / > Could not resolve all files for configuration "
    "':compileClasspath'. / > Could not find com.example:nothing:1.0.",
    "mvn-compile": "[ERROR] /app/src/main/java/a/A.java:[1,32] incompatible types: java.lang.String ",
    "mvn-dep": "[ERROR] Failed to execute goal on project app: Could not resolve dependencies for project ",
    "node-heap": "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
    "node-module": "Error: Cannot find module './nope' / Require stack: / - /app/b.js",
    "npm-404": "npm error 404 Not Found - GET https://registry.example/surely-no-such-package-q9z",
    "npm-ci-no-lock": "npm error The `npm ci` command can only install with an existing package-lock.json or / "
    "npm-shrinkwrap.json with lockfileVersion >= 1.",
    "npm-ci-out-of-sync": "npm error `npm ci` can only install packages when your package.json and package-lock.json "
    "or npm-shrinkwrap.json are in sync. Please update your lock file with `npm install` before continuing. / Missing: "
    "is-even@1.0.0 from lock file",
    "npm-eresolve": "npm error ERESOLVE unable to resolve dependency tree / While resolving: x@1.0.0",
    "npm-missing-script": 'npm error Missing script: "nosuch"',
    "npm-no-space": "npm error nospc ENOSPC: no space left on device, write",
    "npm-old-eresolve": "npm ERR! ERESOLVE unable to resolve dependency tree / While resolving: x@1.0.0",
    "npm-workspace-heap": "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
    "pip-compile": "badc.c:1:10: fatal error: Pythonic.h: No such file or directory",
    "pip-conflict": "ERROR: Cannot install -r r.txt (line 1) and urllib3==1.20 because these package versions have "
    "conflicting dependencies.",
    "pip-nofile": "ERROR: Could not open requirements file: [Errno 2] No such file or directory: 'nosuch.txt'",
    "pip-setup": "RuntimeError: pg_config executable not found.",
    "pip-version": "ERROR: Could not find a version that satisfies the requirement requests==99.1 ",
    "pnpm-nolock": "ERR_PNPM_NO_LOCKFILE",
    "pnpm-outdated": "ERR_PNPM_OUTDATED_LOCKFILE",
    "pnpm-run": "TypeError: 1",
    "poetry-conflict": "Because requests (2.32.3) depends on urllib3 (>=1.21.1,<3) / and app depends on requests",
    "poetry-outdated": "pyproject.toml changed significantly since poetry.lock was last generated.",
    "pytest": "E       assert 1 == 2",
    "python": "ModuleNotFoundError: No module named 'flask9'",
    "tsc": "src/index.ts(1,7): error TS2322: Type 'string' is not assignable to type 'number'.",
    "uv-conflict": "error: No solution found when resolving dependencies / cause: Because requests==2.32.3 depends on ",
    "uv-nolock": "error: Unable to find lockfile at `uv.lock`, but `--locked` was provided.",
    "uv-outdated": "error: The lockfile at `uv.lock` needs to be updated, but `--locked` was provided.",
    "vite": 'error during build: / Could not resolve "./missing.js" from "main.js"',
    "yarn-berry": "➤ YN0028: · The lockfile would have been created by this install, which is explicitly forbidden.",
    "yarn-frozen": "error Your lockfile needs to be updated, but yarn was run with `--frozen-lockfile`.",
    "yarn-version": 'error Couldn\'t find any versions for "is-odd" that matches "99.0.1"',
}


def lines(text: str) -> list[str]:
    """The lines as read from BuildKit's output."""
    return [line for each in text.split("\n") if (line := shortened(cleaned(each), 200))]


def sentence(printed: list[str]) -> str:
    """The quote from these lines."""
    return quoted(printed, telling_line(printed))


def output(printed: list[str]) -> tuple[str, ...]:
    """The lines shown of these."""
    return shown(printed, telling_line(printed))


def test_every_output_of_a_tool_has_its_telling_line() -> None:
    assert TOOLS.keys() == TOLD.keys()


@pytest.mark.parametrize("tool", TOLD)
def test_a_tool_s_cause_is_quoted_and_shown_whatever_is_printed_around_it(tool: str) -> None:
    printed, telling = lines(TOOLS[tool]), TOLD[tool].split(" / ")[0]
    before = [f"Get:{number} http://deb.example/debian arm64 package" for number in range(300)]
    after = [f"cleaning up {number}" for number in range(100)]
    seen = output([*printed, *after])

    assert sentence(printed).startswith(TOLD[tool])
    assert sentence([*before, "debconf: unable to initialize frontend: Dialog", *printed]).startswith(TOLD[tool])
    assert any(line.startswith(telling) for line in seen)
    assert seen[-1] == "cleaning up 99"
    assert GAP in seen
    assert len(seen) <= 20


@pytest.mark.parametrize(
    ("printed", "telling"),
    [
        (["added 3 packages", "npm error code ERESOLVE", "npm error ERESOLVE could not resolve"], 2),
        (["Traceback (most recent call last):", "  File x", "ValueError: no"], 2),
        (["KeyError: 'a'", "During handling of the above exception:", "ImproperlyConfigured: x", "ValueError: no"], 3),
        (["src/a.ts(3,5): error TS2322: Type", "Found 1 error."], 0),
        (["warning: could not find x", "./main.go:3:2: undefined: y"], 1),
        (["0 errors, 3 warnings", "done", "it ends"], 0),
        (["Exception in thread main java.lang.NullPointerException", "at x"], 0),
        (["Compiling thiserror v1.0.50", "error[E0432]: unresolved import"], 1),
        (["cc -Wall -Werror -c a.c", "main.c:3:5: error: x", "make: *** Error 1"], 1),
        (["checking for libpq... not found", "configure: error: no libpq"], 1),
        (["npm error code EUSAGE", "npm error x: no lock file", "npm error code E404", "npm error 404 Not Found"], 1),
        (["/usr/bin/ld: a.o: undefined reference to `f'", "collect2: error: ld returned 1 exit status"], 0),
        (
            [
                "npm error Failed to execute node-gyp.js configure",
                "npm error gyp info using node-gyp@10.1.0",
                "npm error gyp ERR! configure error",
                "npm error gyp ERR! stack Error: Could not find any Python installation to use",
                "npm error gyp ERR! not ok",
            ],
            3,
        ),
        (
            [
                "error: subprocess-exited-with-error",
                "× Building wheel for x (pyproject.toml) did not run successfully.",  # noqa: RUF001
                "error: command 'gcc' failed: No such file or directory",
                "ERROR: Failed building wheel for x",
                "Failed to build x",
                "ERROR: Failed to build installable wheels for some pyproject.toml based projects (x)",
            ],
            2,
        ),
        (["FAILURE: Build failed with an exception.", "An exception occurred applying plugin request", "> no"], 1),
        (["AppTest > adds() FAILED", "1 test completed, 1 failed", "Execution failed for task ':test'."], 0),
        (["verifying x.example/a@v1.2.3: checksum mismatch", "SECURITY ERROR", "It does NOT match go.sum."], 0),
        (["dpkg: error processing package x (--configure):", "E: Sub-process /usr/bin/dpkg returned an error code"], 0),
        (['nginx: [emerg] unknown directive "x" in /etc/nginx/nginx.conf:3', "nginx: nginx.conf test failed"], 0),
        (["Error: the database driver is missing", *["x" * 100, "compiling unit 1"] * 40], 0),
    ],
)
def test_the_most_telling_line_comes_first(printed: list[str], telling: int) -> None:
    assert sentence(lines("\n".join(printed))).startswith(printed[telling])


def test_without_a_telling_line_the_last_lines_are_quoted() -> None:
    assert sentence(["one", "two", "three", "four"]) == "two / three / four"


def test_the_last_20_lines_are_shown_if_they_include_the_telling_line() -> None:
    printed = [*(f"step {number}" for number in range(100)), "ValueError: no"]

    assert list(output(printed)) == printed[-20:]


@pytest.mark.parametrize("line", ["a" * 200, "npm error " * 20, "E: " * 60, "Because " * 25, "x:1" * 66, "(1" * 100])
def test_a_hundred_thousand_lines_can_be_searched(line: str) -> None:
    assert len(output([line] * 100_000)) <= 20
