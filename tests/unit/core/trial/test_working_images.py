"""Images that aren't refused."""

import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.trial.programs import Program, seen
from core.trial.refusals import verdict
from tests.unit.core.trial.support.engine_answers import NO_FILE, NO_NAME
from tests.unit.core.trial.support.tried_images import (
    INIT,
    RUNC,
    SHELL,
    TAG,
    TRIED,
    ended,
    missing,
    not_started,
    said,
    script,
)
from tests.unit.support.elf import program


def test_an_image_whose_program_runs_is_not_refused() -> None:
    assert verdict(TRIED, TAG) is None


@pytest.mark.parametrize("code", [1, 2, 126, 127, 255])
@pytest.mark.parametrize(
    ("word", "output"),
    [
        ("app", "mkdir: cannot create directory '/var/lib/app': Permission denied"),
        ("run", "mkdir: cannot create directory '/run': Permission denied"),
        ("/app", "mkdir: cannot create directory '/data/app': Permission denied"),
        ("/app", "/app: 4: cannot create /var/log/app: Permission denied"),
        ("/app", "/app: line 5: /data/config.json: Permission denied"),
        ("/app", "config.js: no such file or directory"),
        ("/app", "/bin/sh: node: not found"),
        ("/app", "open /data/db: permission denied"),
        ("/app", "exec /hooks/pre-start: no such file or directory"),
        ("/app", "exec /app: no such file or directory, giving up"),
        ("/app", "Retrying\nexec /app: no such file or directory"),
        ("/app", "env: can't execute 'pg_isready': No such file or directory"),
        ("/app", "/usr/bin/env: 'node': No such file or directory"),
        ("/app", "Error: connect ECONNREFUSED 127.0.0.1:3306"),
        ("/app", ""),
        ("/app", "\0\ufffd\ufffd\r\n"),
    ],
)
@pytest.mark.parametrize("first_line", ["#!/bin/sh", "#!/bin/sh -e", "#!/usr/bin/env bash", "#!/usr/bin/env -S bash\r"])
def test_a_script_that_ran_is_not_refused_whatever_it_prints(
    first_line: str, word: str, output: str, code: int
) -> None:
    path = word if word.startswith("/") else f"/usr/local/bin/{word}"
    assert not said(ended(code, f"{output}\n", script(first_line, path), SHELL, command=(word,)))


def test_a_cr_that_the_interpreter_accepts_is_no_fault() -> None:
    for line in ("#!/usr/bin/perl -w\r", "#!/usr/bin/env -S node --title\r", "#!/usr/bin/env -vS node\r"):
        for code in (1, 2, 127):
            assert not said(ended(code, "No database.\r\n", script(line), SHELL))


WORDS = st.one_of(
    st.just("env: 'bash': No such file or directory"),
    st.text(max_size=80),
    st.builds(
        "{}{}: {}".format,
        st.sampled_from(["", "exec ", "env: ", "/bin/sh: ", "sh: 0: cannot open ", "exec: "]),
        st.sampled_from(["/app", "/etc/app", "app", "'/app'", "/bin/sh"]),
        st.sampled_from(["no such file or directory", "Permission denied", "permission denied", "exec format error"]),
    ),
)
PROGRAMS = st.sampled_from(
    [
        (seen("/app", program()),),
        (script("#!/bin/sh"), SHELL),
        (script("#!/usr/bin/env bash"), SHELL),
        (missing("/app"),),
    ]
)


@given(WORDS, st.sampled_from([("running", 0), ("exited", 0), ("running", 127)]), PROGRAMS)
def test_a_program_that_runs_or_succeeded_is_never_refused(
    output: str, state: tuple[str, int], programs: tuple[Program, ...]
) -> None:
    facts = ended(state[1], output, *programs)
    assert verdict(replace(facts, status=state[0]), TAG) is None


@given(WORDS, st.integers(0, 255), PROGRAMS)
def test_after_the_start_only_the_kernel_s_or_interpreter_s_own_line_is_a_refusal(
    output: str, code: int, programs: tuple[Program, ...]
) -> None:
    reason = verdict(ended(code, output, *programs), TAG)
    if reason:
        assert code in {1, 2, 126, 127, 255}
        assert output.startswith("exec /app: ") if code in {1, 255} else ": " in output


@given(st.text(string.printable, min_size=1, max_size=300), st.sampled_from([NO_NAME, NO_FILE]))
def test_no_program_name_is_taken_for_a_fault_of_the_engine(name: str, words: str) -> None:
    for prefix in (RUNC, INIT):
        facts = not_started(prefix + words.format(name), missing(name), command=(name,))
        assert said(facts).startswith("no-program: ")
