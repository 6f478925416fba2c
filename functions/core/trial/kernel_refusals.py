"""Finds out why a started container never ran its program, from its exit code and its output.

A program may print anything. So a refusal needs both an exit code of such a refusal and the exact words of the kernel
or the interpreter, which name this program. A program that never ran adds no output of its own.
"""

import re
from collections.abc import Sequence

from core.reasons import Reason
from core.trial import start_reasons
from core.trial.facts import Facts
from core.trial.programs import Kind, Program
from core.trial.refused_programs import by_kernel, named

# runc exits with 1 up to 1.1 and with 255 since, and prints the kernel's words:
# https://github.com/opencontainers/runc/blob/main/libcontainer/standard_init_linux.go
# assumes: kernel-words
RUNTIME_CODES = {1, 255}
KERNEL = re.compile(
    r"exec (?P<path>.+): (?P<error>no such file or directory|exec format error|permission denied|argument list too long"
    r"|too many levels of symbolic links|invalid argument|not a directory|operation not permitted)"
)
EMULATOR = re.compile(r"\S*binfmt\S*: Could not open '(.+)': No such file or directory")  # qemu, of a missing loader
NOT_EXECUTED, NOT_FOUND = 126, 127
# dash, busybox and python exit with 2, bash with 126.
UNREADABLE_CODES = {2, NOT_EXECUTED}
UNREADABLE = "can't open '{0}'|cannot open {0}|can't open file '{0}'|{0}"
# GNU's and busybox's. GNU's quotes depend on the locale (Amazon Linux 2 has none), and a hint follows.
ENV = re.compile(
    r"(?:\S*/)?env: (?:can't execute )?['‘]?(?P<name>.+?)['’]?: (?P<error>No such file or directory|Permission denied"  # noqa: RUF001
    r"|Exec format error)"
)
CR_CODES = {1, 2}  # bash exits with 1 after -e
CR_OPTION = re.compile(r"(?:.*: )?(?:(?:[Ii]llegal|bad) option -+\r?|-.*\r: invalid option|-.*\\r: invalid option)")


def verdict(facts: Facts) -> Reason | None:
    """Why the image's program never ran; None if it runs or has run."""
    if facts.status != "exited" or facts.exit_code == 0:
        return None
    lines = [line for line in facts.output.split("\n") if line]
    if not lines:
        return None
    return by_runtime(facts, lines) or by_env(facts, lines) or by_interpreter(facts, lines)


def by_runtime(facts: Facts, lines: Sequence[str]) -> Reason | None:
    """The kernel refused the program, and the runtime's line is the only output."""
    if facts.exit_code not in RUNTIME_CODES or len(lines) > 1:
        return None
    if EMULATOR.fullmatch(lines[0]) and facts.programs and facts.programs[-1].kind is Kind.ARM64:
        return by_kernel(facts, "no such file or directory", lines[0])
    found = KERNEL.fullmatch(lines[0])
    paths = {facts.config.word, *(program.path for program in facts.programs[:1])}
    return by_kernel(facts, found["error"], lines[0]) if found and found["path"] in paths else None


def by_env(facts: Facts, lines: Sequence[str]) -> Reason | None:
    """`env`, in a script's first line, didn't find or start the interpreter."""
    script = last_script(facts)
    found = ENV.fullmatch(lines[0])
    if not script or not found or facts.exit_code not in {NOT_EXECUTED, NOT_FOUND}:
        return None
    asked = found["name"].replace("\\r", "\r")
    if not is_env(script) or asked not in script.line or not all("env: " in line for line in lines):
        return None
    path, name = named(script.path), named(asked.rstrip("\r"))
    if asked.endswith("\r"):
        return start_reasons.windows_line_ends(path, lines[0])
    if " " in asked:
        return start_reasons.env_takes_one_word(path, name, lines[0])
    if found["error"] == "No such file or directory":
        return start_reasons.interpreter_missing(path, name, lines[0])
    return start_reasons.interpreter_refused(path, name, lines[0])


def by_interpreter(facts: Facts, lines: Sequence[str]) -> Reason | None:
    """The interpreter couldn't read its script, or rejected a CR in the first line's argument."""
    script = last_script(facts)
    if not script:
        return None
    if script.line.endswith("\r") and facts.exit_code in CR_CODES and CR_OPTION.fullmatch(lines[0]):
        return start_reasons.windows_line_ends(named(script.path), lines[0])
    names = "|".join(re.escape(name) for name in (script.interpreter, *script.line.split()[1:]))
    path = re.escape(script.path)
    denied = rf"(?:\S*/)?(?:{names}): (?:0: )?(?:{UNREADABLE.format(path)}): (?:\[Errno 13\] )?Permission denied"
    if facts.exit_code in UNREADABLE_CODES and len(lines) == 1 and re.fullmatch(denied, lines[0]):
        return start_reasons.not_permitted(named(script.path), lines[0])
    return None


def last_script(facts: Facts) -> Program | None:
    """The last script, whose interpreter is a program."""
    scripts = [program for program in facts.programs if program.kind is Kind.SCRIPT]
    return scripts[-1] if scripts else None


def is_env(script: Program) -> bool:
    """Whether a script's first line finds its interpreter with `env`."""
    return script.interpreter.rpartition("/")[2] == "env"
