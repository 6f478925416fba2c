"""Decides whether an image can start, from a table of the engine's refusals.

An image chooses the names that the engine quotes, so each rule begins where the engine's own words begin. We call only
known answers the engine's own fault. core/trial/kernel_refusals.py explains failures after the start.
"""

import re
from collections.abc import Callable

from core.reasons import Reason, shortened
from core.trial import kernel_refusals, start_reasons
from core.trial.facts import Facts
from core.trial.programs import Kind
from core.trial.refused_programs import by_engine

# assumes: engine-words
DAEMON = "Error response from daemon: "
# Wraps a runtime's refusal, up to Docker 28 and runc 1.3.
WRAPPED = re.compile(
    r"(?:failed to create task for container: )?(?:failed to create shim task: )?"
    r"(?:OCI runtime create failed: )?(?:runc create failed: )?"
    r"(?P<init>unable to start container process: )?(?:error during container init: )?"
)
# Where the engine keeps a container's files; an uploader knows only their paths in the image.
STORES = re.compile(r"/[^\s\"]*/(?:rootfs/\w+/[0-9a-f]{64}|overlay2/[^/\s\"]+/merged)")
MOUNTED = re.compile(r"/[^\s\":]*/(?:volumes/[0-9a-f]{64}/_data|containers/[0-9a-f]{64}/([\w.]+))")
END = re.compile(
    r"(?:\n+Error: failed to start containers: .*|\n+Run 'docker .*|: Are you trying to mount .*)", re.DOTALL
)
EXHAUSTED = r": (?:no space left on device|cannot allocate memory|input/output error|too many open files)(?:: unknown)?"
LONGEST_ANSWER = 4000  # the middle of a longer answer is a name that the image chose
KERNEL_S_OWN = re.compile(r"/+(?:(?:proc|sys|dev)(?:/.*)?)?")


Why = Callable[[Facts, re.Match[str], str], Reason]


def rule(words: str, reason: Why) -> tuple[re.Pattern[str], Why]:
    """A rule for words that may span several lines."""
    return re.compile(words, re.DOTALL), reason


def about(reason: Callable[[str, str], Reason]) -> Why:
    """A reason about the first thing that the engine's words name."""
    return lambda _, found, said: reason(found[1], said)


IMAGE_RULES = (
    rule(r"no command specified$", lambda *_: start_reasons.STARTS_NOTHING),
    rule(
        r"image .*was found but (?:its platform \((\S+)\) )?does not (?:match|provide) the specified platform",
        lambda _, found, __: start_reasons.image_for(found[1] or "another machine"),
    ),
    rule(
        r"invalid volume specification: '(?:[0-9a-f]{64}:)?(.*?)'(?:$|: invalid mount )",
        about(start_reasons.volume_refused),
    ),
    rule(r"invalid mount .*: mount destination (.*) not absolute", about(start_reasons.volume_refused)),
    rule(r"cannot mount volume over existing file, file exists (.*)", about(start_reasons.volume_is_file)),
    rule(r"[Cc]annot mkdir: (.*) is not a directory", about(start_reasons.folder_refused)),
    rule(
        r"uids and gids must be in range",
        lambda facts, _, said: start_reasons.user_out_of_range(facts.config.user, said),
    ),
    rule(r"unable to find (?:user|group) ", lambda facts, _, said: start_reasons.user_missing(facts.config.user, said)),
)
"""The engine's own refusals, the same each time. The first rule that matches counts."""

RUNTIME_RULES = (
    rule(r".*: argument list too long(?:: unknown)?$", lambda _, __, said: start_reasons.too_long(said)),
    rule(r'exec: "', lambda facts, _, said: by_engine(facts, said)),
    rule(r'chdir to cwd \("(.*?)"\)', about(start_reasons.folder_refused)),
    rule(
        rf'error mounting "volume" to rootfs at "([^"]*)": (?!.*(?:{EXHAUSTED})$)', about(start_reasons.volume_refused)
    ),
    rule(
        r'error mounting "[^"]*" to rootfs at "([^"]*)": .*(?:not a directory|is a directory|file exists'
        r"|ordinary directory|read-only file system|symbolic links)",
        about(start_reasons.place_taken),
    ),
)
"""The runtime's refusals when it is about to start the image's program."""

ENGINE_FAULTS = re.compile(
    r"ttrpc: closed|exec: \"containerd-shim|fork/exec \S+: |failed to start shim|error reopening exec fifo"
    r"|runc did not terminate successfully|can't get final child's PID|read init-p: |error creating overlay mount"
    r"|cgroups?: |unable to apply cgroup|error (?:setting|loading) (?:cgroup|seccomp)|error mounting \"cgroup|bpf_prog_"
    r"|apparmor: |unable to apply apparmor|failed to (?:mount|set up container networking|create endpoint)"
    r"|No such (?:image|container): |dial unix |context (?:deadline exceeded|canceled)$"
    rf"|(?:mkdir|open|write|symlink|link|copy|error \w+|failed to \w+) .*(?:{EXHAUSTED}|: connection refused)$"
)
"""Words for the engine's own faults, which no image can cause."""


def verdict(facts: Facts, image_tag: str) -> Reason | None:
    """Why the image isn't the one built under this tag, isn't for arm64 or can't start; None if all is well."""
    if facts.not_created:
        return refused(facts, facts.not_created)
    if facts.no_answer:
        return start_reasons.engine_fails(words_of(facts.no_answer))
    if facts.config.image_tag != image_tag:
        return start_reasons.UNLABELLED
    # With an emulator, foreign programs start as well, and the image is labeled arm64 whatever it contains.
    for program in facts.programs:
        if program.kind is Kind.FOREIGN:
            return start_reasons.program_for(program.path, program.machine)
    if facts.status in {"running", "exited"}:
        return kernel_refusals.verdict(facts)
    return refused(facts, facts.not_started)


def refused(facts: Facts, answer: str) -> Reason:
    """The reason for the engine's refusal to create or start a container."""
    if DAEMON not in answer:
        return start_reasons.engine_fails(words_of(answer))  # the client's own words: it hasn't seen the image
    words = words_of(answer)
    wrapped = WRAPPED.match(words)
    inner = words[wrapped.end() :] if wrapped else words
    for said, reason in RUNTIME_RULES if wrapped and wrapped["init"] else IMAGE_RULES:
        if found := said.match(inner):
            return reason(facts, found, inner)
    if ENGINE_FAULTS.match(inner):
        return start_reasons.engine_fails(inner)
    for volume in facts.config.volumes:
        if KERNEL_S_OWN.fullmatch(volume):
            return start_reasons.volume_refused(volume, inner)
    return start_reasons.not_started(inner)


def words_of(answer: str) -> str:
    """The engine's own words in docker's output, with the image's paths in place of the engine's store."""
    _, daemon, rest = answer.partition(DAEMON)
    words = END.sub("", rest if daemon else answer)
    words = MOUNTED.sub(lambda found: found[1] or "volume", shortened(words, LONGEST_ANSWER))
    return STORES.sub("", words).strip()
