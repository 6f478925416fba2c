"""Explains why the engine or the kernel refuses an image's program, from the file that it found."""

from collections.abc import Callable

from core.reasons import Reason, shortened
from core.trial import start_reasons
from core.trial.facts import Facts
from core.trial.programs import Kind, Program

LONGEST_NAME = 80


def by_engine(facts: Facts, said: str) -> Reason:
    """Why the engine doesn't find or can't start the program, which its error quotes."""
    word = named(facts.config.word)
    found = facts.programs[0] if facts.programs else Program(word, Kind.MISSING)
    if not facts.config.word.strip():
        return start_reasons.empty_word(said)
    if found.kind is Kind.FOLDER:
        return start_reasons.folder(named(found.path), said)
    if found.kind is Kind.NOT_EXECUTABLE:
        return start_reasons.not_executable(named(found.path), said)
    refused = said.removesuffix(": unknown")
    if refused.endswith("found relative to current directory"):
        return start_reasons.relative_path(word, said)
    if refused.endswith(": permission denied"):
        return start_reasons.not_permitted(named(found.path), said)
    if found.kind is not Kind.MISSING:
        return start_reasons.cannot_start(word, said)
    if "$" in facts.config.word:
        return start_reasons.variable(word, said)
    if " " in facts.config.word.strip():
        return start_reasons.one_word(word, said)
    return start_reasons.missing(word, said) if "/" in word else start_reasons.missing_in_path(word, said)


def by_kernel(facts: Facts, error: str, said: str) -> Reason:
    """Why the kernel doesn't start the program, from its error."""
    programs = facts.programs or (Program(facts.config.word, Kind.MISSING),)
    return ERRORS.get(error, unexplained)(programs, said)


Programs = tuple[Program, ...]


def unexplained(programs: Programs, said: str) -> Reason:
    """Only the kernel's words are known."""
    return start_reasons.cannot_start(named(programs[0].path), said)


def no_file(programs: Programs, said: str) -> Reason:
    """The kernel doesn't find the last file, or the loader that it needs."""
    *scripts, last = programs
    if scripts and last.path.endswith("\r"):
        return start_reasons.windows_line_ends(named(scripts[-1].path), said)
    if last.kind is Kind.ARM64:
        return start_reasons.loader_missing(named(last.path), named(last.loader) or "that it names and", said)
    if scripts:
        return start_reasons.interpreter_missing(named(scripts[-1].path), named(last.path), said)
    return start_reasons.missing(named(last.path), said)


def no_format(programs: Programs, said: str) -> Reason:
    """The kernel doesn't recognize the last file."""
    last = programs[-1]
    name = named(last.path)
    if last.kind is Kind.ARM64:
        return start_reasons.damaged(name, said)
    if last.kind is Kind.OTHER and not last.head:
        return start_reasons.empty_file(name, said)
    match last.shows:
        case "BOM":
            return start_reasons.byte_order_mark(name, said)
        case "UTF-16":
            return start_reasons.utf_16(name, said)
        case "":
            return start_reasons.no_format(name, said)
        case system:
            return start_reasons.for_system(name, system, said)


def no_permission(programs: Programs, said: str) -> Reason:
    """Nobody, or not this USER, may execute the last file."""
    *scripts, last = programs
    if last.kind is Kind.NOT_EXECUTABLE:
        return start_reasons.not_executable(named(last.path), said)
    if last.kind is Kind.FOLDER and scripts:
        return start_reasons.interpreter_refused(named(scripts[-1].path), named(last.path), said)
    return start_reasons.not_permitted(named(last.path), said)


def named(path: str) -> str:
    """A name or path from the image, bounded in length."""
    return shortened(path, LONGEST_NAME)


ERRORS: dict[str, Callable[[Programs, str], Reason]] = {
    "no such file or directory": no_file,
    "exec format error": no_format,
    "permission denied": no_permission,
    "too many levels of symbolic links": lambda programs, said: start_reasons.scripts_in_a_circle(
        named(programs[0].path), said
    ),
    "argument list too long": lambda _, said: start_reasons.too_long(said),
}
"""The explanation of each kernel error."""
