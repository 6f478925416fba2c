"""Finds the program that an image starts, as the kernel would find it."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from builder.commands import run
from core.trial.facts import Config
from core.trial.programs import HEAD, LONGEST_PATH, MOST_SCRIPTS, Kind, Program, seen

EXECUTABLE = 0o111


def find(container: str, config: Config) -> tuple[Program, ...]:
    """The program that is started and, while it is a script, the interpreter that its first line names."""
    chain = [first(container, config.word, config.places())]
    while chain[-1].kind is Kind.SCRIPT and chain[-1].interpreter and len(chain) <= MOST_SCRIPTS:
        asked = chain[-1].interpreter
        chain.append(first(container, asked, [config.absolute(asked)]))
    return tuple(chain)


def first(container: str, asked: str, places: list[str]) -> Program:
    """The first executable file at these paths, or else the first that exists, or else a missing program."""
    passed = Program(asked, Kind.MISSING)
    for place in places:
        program = look(container, place)
        if program.kind not in {Kind.MISSING, Kind.FOLDER, Kind.NOT_EXECUTABLE}:
            return program
        if passed.kind is Kind.MISSING:
            passed = Program(passed.path if program.kind is Kind.MISSING else place, program.kind)
    return passed


def look(container: str, path: str) -> Program:
    """The file at a path of the container, with links followed inside the container."""
    if "\0" in path or len(os.fsencode(path)) > LONGEST_PATH:
        return Program(path, Kind.MISSING)
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        copy = Path(folder) / "program"
        run(["docker", "cp", "--follow-link", f"{container}:{path}", str(copy)])
        if copy.is_dir():
            return Program(path, Kind.FOLDER)
        if not copy.is_file():
            return Program(path, Kind.MISSING)
        if not copy.stat().st_mode & EXECUTABLE:
            return Program(path, Kind.NOT_EXECUTABLE)
        with copy.open("rb") as file:
            return seen(path, file.read(HEAD))
