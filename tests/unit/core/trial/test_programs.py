"""The kind of a file by its first bytes, and where the engine looks for an image's program."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.trial.facts import DEFAULT_PATH, Config
from core.trial.programs import HEAD, Kind, seen
from tests.unit.support.elf import program


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (program(), Kind.ARM64),
        (program()[:20], Kind.ARM64),
        (program(0x3E), Kind.FOREIGN),
        (program(0x28, bits=32), Kind.FOREIGN),
        (program(0xB7, bits=32), Kind.FOREIGN),
        (b"\x7fELF", Kind.FOREIGN),
        (b"#!/bin/sh", Kind.SCRIPT),
        (b"#!", Kind.SCRIPT),
        (b" #!/bin/sh", Kind.OTHER),
        (b"", Kind.OTHER),
    ],
)
def test_a_file_is_classified_by_its_first_bytes(head: bytes, kind: Kind) -> None:
    assert seen("/app", head).kind is kind


@pytest.mark.parametrize(
    ("head", "interpreter"),
    [
        (b"#!/bin/sh\nx", "/bin/sh"),
        (b"#!\t /bin/sh -e\nx", "/bin/sh"),
        (b"#!/bin/sh", "/bin/sh"),
        (b"#!/bin/sh\r\n", "/bin/sh\r"),
        (b"#!\n/bin/sh", ""),
        (b"#! \t\n", ""),
        (b"#!/bin/sh\0/x\n", "/bin/sh"),
        (b"#!\0\0", ""),
        (b"#!" + b"x" * 999, "x" * 254),
    ],
)
def test_a_script_s_interpreter_is_the_first_word_of_its_first_line(head: bytes, interpreter: str) -> None:
    assert seen("/app", head).interpreter == interpreter


@pytest.mark.parametrize("loader", ["/lib/ld-musl-aarch64.so.1", "/lib/ld-linux-aarch64.so.1", ""])
def test_a_program_names_its_loader(loader: str) -> None:
    assert seen("/app", program(loader=loader)).loader == loader


@given(st.binary(max_size=200), st.integers(0, 200))
def test_any_bytes_have_a_kind(noise: bytes, kept: int) -> None:
    for head in (noise, (program(loader="/lib/ld")[:kept] + noise)[:HEAD]):
        found = seen("/app", head)
        assert isinstance(found.loader + found.machine + found.interpreter + found.shows, str)


@pytest.mark.parametrize(
    ("config", "places"),
    [
        ({"Cmd": ["/bin/app"]}, ["/bin/app"]),
        ({"Entrypoint": ["/bin/app"], "Cmd": ["--help"]}, ["/bin/app"]),
        ({"Entrypoint": [], "Cmd": ["/bin/app"]}, ["/bin/app"]),
        ({"Entrypoint": [""], "Cmd": ["/bin/app"]}, ["/bin/app"]),
        ({"Entrypoint": ["/bin/app"], "Cmd": None}, ["/bin/app"]),
        ({"Cmd": ["app"]}, [f"{folder}/app" for folder in DEFAULT_PATH.split(":")]),
        ({"Cmd": ["app"], "Env": ["PATH=/bin", "X=1", "PATH=/none:/opt/x"]}, ["/none/app", "/opt/x/app"]),
        ({"Entrypoint": ["./bin/app"], "WorkingDir": "/srv"}, ["/srv/bin/app"]),
        ({"Entrypoint": ["bin/app"]}, ["/bin/app"]),
        ({"Cmd": ["app"], "Env": ["PATH=bin"], "WorkingDir": "/srv/"}, ["/srv/bin/app"]),
        ({"Cmd": ["-x"], "Env": ["PATH=/a &\\b"]}, ["/a &\\b/-x"]),
        ({"Cmd": [""]}, []),
        ({"Cmd": [" "]}, []),
        ({"Entrypoint": ["", "x"], "Cmd": ["y"]}, []),
        ({}, []),
    ],
)
def test_a_program_is_looked_up_where_the_engine_looks(config: dict[str, object], places: list[str]) -> None:
    assert Config.read(config).places() == places
