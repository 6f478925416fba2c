"""The advice that a failure's reason has."""

import pytest

from tests.unit.core.build_output.support.outputs import OUTPUTS, failed, said

NO_SUGGESTION = {" (did you mean builder?)": ""}
ADVICE: list[tuple[str, dict[str, str], str, bool]] = [
    # The output, what is changed in it, the advice, and whether it is given
    ("heredoc-crlf", {}, "line ends of Windows", False),  # the step has them, and the Dockerfile hasn't
    ("copy-ignored", {}, ".dockerignore", True),
    ("copy-ignored", {'"/dist"': '"/dost"'}, ".dockerignore", False),
    ("copy-ignored", {'"/dist"': '"/../dist"'}, ".dockerignore", False),
    ("copy-ignored", {'"/dist"': '"/a\\xb"'}, ".dockerignore", False),
    ("copy-ignored", {"COPY dist": "COPY --from=builder dist"}, ".dockerignore", False),
    # An image is missing, or a stage is named after its image
    ("stage-typo-denied", NO_SUGGESTION | {"COPY --from=bulider /out /www": "FROM bulider"}, "no stage", False),
    ("stage-typo-denied", {"COPY --from=bulider /out /www": "FROM bulider AS builder"}, "no stage", False),
]


@pytest.mark.parametrize(("name", "changes", "advice", "given"), ADVICE)
def test_advice_is_given_only_where_it_fits(name: str, changes: dict[str, str], advice: str, given: bool) -> None:
    output = OUTPUTS[name]
    for before, after in changes.items():
        assert before in output
        output = output.replace(before, after)

    assert (advice in str(said(output))) is given


def test_an_open_heredoc_in_a_dockerfile_with_windows_line_ends_is_blamed_on_them() -> None:
    assert "line ends of Windows" in str(said(OUTPUTS["heredoc-open"], "RUN <<EOF\r\nEOF \r\n"))


def test_the_stages_are_listed_if_docker_suggests_none() -> None:
    output = OUTPUTS["stage-typo-denied"].replace(" (did you mean builder?)", "").replace("bulider", "compiled")

    assert str(said(output, "FROM x AS builder\nFROM y as test\n")).endswith(
        ": the Dockerfile has no stage compiled. It has builder and test."
    )


@pytest.mark.parametrize(
    "error",
    [
        "failed to copy files: copy file range failed: no space left on device",
        "failed to copy files: userspace copy failed: write /var/lib/docker/x/merged/a: no space left on device",
        "write /var/lib/docker/buildkit/x: no space left on device",
        "failed to extract layer sha256:1: write /usr/lib/x: no space left on device: unknown",
        "failed to extract layer (1) to overlayfs as x: write /var/lib/containerd/x: no space left on device",
    ],
)
def test_the_engine_s_own_disk_is_full(error: str) -> None:
    for before in ("", "ResourceExhausted: "):
        reason = said(f"#5 ERROR: {error}\nERROR: failed to solve: {before}{error}")
        assert str(reason).startswith("disk-full: The disk of the build")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("dd: error writing 'x': No space left on device", "disk-full"),
        ("npm error nospc ENOSPC: no space left on device, write", "disk-full"),
        ("OSError: [Errno 28] No space left on device", "disk-full"),
        ("OSError: [Errno 28] No space left on device: '/app/x'", "disk-full"),
        ("Error: ENOSPC: no space left on device, copyfile '/a' -> '/b'", "disk-full"),
        ("error: failed to write /t/x: No space left on device (os error 28)", "disk-full"),
        ("rsync: [receiver] write failed on /x: No space left on device (28)", "disk-full"),
        ("E: Write error - write (28: No space left on device)", "disk-full"),
        ("cannot copy extracted data for './x' to '/x': failed to write (No space left on device)", "disk-full"),
        ("System.IO.IOException: No space left on device : '/home/app/.nuget/x'", "disk-full"),
        ("Error: ENOSPC: no space left on device, watch", "build-failed"),
        ("OK (got expected error: no space left on device)", "build-failed"),
        ("Error: ENOSPC: no space left on device, watch '/app'", "build-failed"),
        ("no space left on device: is that what the test expects?", "build-failed"),
        ("/bin/sh: ./tool: Exec format error", "wrong-architecture"),
        ("OSError: [Errno 8] Exec format error: './chromedriver'", "wrong-architecture"),
        ("could not execute process `./x` (never executed): Exec format error (os error 8)", "wrong-architecture"),
        ("exec format error: a chapter about binfmt", "build-failed"),
    ],
)
def test_the_system_s_words_at_the_end_of_a_line_are_recognized(line: str, code: str) -> None:
    assert failed(line).code == code


@pytest.mark.parametrize(
    "command",
    [
        "curl x || { echo failed to fetch y: timeout; exit 1; }",
        "df; echo no space left on device; false",
        "echo '\" did not complete successfully: exit code: 137'; false",
        "grep -r 'cannot allocate memory' src",
    ],
)
def test_what_stands_in_a_command_is_no_failure(command: str) -> None:
    assert failed(command=command).code == "build-failed"
