"""Explains a failed `docker build`: the step, its exit code, its output, and whose fault it is."""

import re
from collections.abc import Callable

from core.build_output import build_reasons, known_failures, telling_lines
from core.build_output.buildkit_output import Output
from core.reasons import Reason, shortened

LONGEST_COMMAND = 60
ENDED = re.compile(r'process ".*" did not complete successfully: (?:exit code: )?(.+)')
# Means nothing to the uploader: BuildKit's own operations, and the engine's folders.
INTERNAL = re.compile(
    r"failed to calculate checksum of ref \S+ |(?<!\S)\S+: failed to resolve source metadata for \S+: "
    r"|(?<=\s)/\S*/(?:buildkit-mount|cachemounts/buildkit)\d+"
)
ENDS_SO_WITH_ANY_CACHE = re.compile(
    r"process \"|dockerfile parse error |failed to process \"|(?:\S+: )?failed to resolve source metadata for "
    r"|failed to calculate checksum of ref .*: not found|target stage \"|unterminated heredoc|digest mismatch "
)
NO_CACHE_IS_READ = re.compile(r"^#\d+ ERROR: failed to configure registry cache importer: ", re.MULTILINE)


def explained(output: str, dockerfile: str, holds: Callable[[str], bool], tests: str = "") -> Reason:
    """Why `docker build` failed, from everything that it printed.

    Args:
        output: what `docker buildx build --progress plain` printed, stdout and stderr together.
        dockerfile: the Dockerfile's text, with its own line ends.
        holds: whether the source has this path, relative to the context, before `.dockerignore` is applied.
        tests: the stage that runs the tests, if that stage was built.
    """
    found = Output(output)
    if not found.error:
        return build_reasons.NO_MESSAGE
    where = place(found, dockerfile)
    telling = telling_lines.telling_line(found.printed)
    quoted, shown = telling_lines.quoted(found.printed, telling), telling_lines.shown(found.printed, telling)
    if ended := ENDED.fullmatch(found.error):
        known = known_failures.of_step(ended[1], found, dockerfile)
        words = [how_it_ended(where, ended[1]), quoted, omission(found)]
        sentence = " ".join(filter(None, words))
        if not known and ended[1].isdigit() and tests and found.stage in {"", tests.lower()}:
            return build_reasons.tests_failed(sentence, shown)
    elif wrong := known_failures.missing_stage(found, dockerfile):
        return build_reasons.no_such_stage(where, *wrong)
    else:
        known = known_failures.of_docker(found, dockerfile, holds)
        cause = INTERNAL.sub("", found.error)
        sentence = (f"{where}: " if where else "") + " / ".join(filter(None, [cause, quoted]))
    return (
        Reason(known.code, f"{known.sentence} {sentence}", shown)
        if known
        else build_reasons.step_failed(sentence, shown)
    )


def ends_so_with_any_cache(output: str) -> bool:
    """Whether the build would fail the same way without the registry's cache."""
    return bool(NO_CACHE_IS_READ.search(output) or ENDS_SO_WITH_ANY_CACHE.match(Output(output).error))


def place(output: Output, dockerfile: str) -> str:
    """The failed instruction's file, line and shortened command, as far as they are known."""
    instruction = output.instruction
    lines = [" ".join(line.split()) for line in dockerfile.split("\n")]
    line = f"Dockerfile:{lines.index(instruction) + 1}" if instruction and lines.count(instruction) == 1 else ""
    return f"{output.place or line} {shortened(instruction, LONGEST_COMMAND)}".strip()


def how_it_ended(where: str, end: str) -> str:
    """The step, and its exit code or the engine's words about it."""
    where = where or "A step"
    return f"{where} ended with exit code {end}." if end.isdigit() else f"{where}: {end}."


def omission(output: Output) -> str:
    """A sentence that says if a part of the step's output is missing."""
    return f"BuildKit left out a part of the output: {output.clipped}." if output.clipped else ""
