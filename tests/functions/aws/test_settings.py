"""Settings come from the template's variables: one that is missing has a name."""

from dataclasses import fields

import pytest

import record_image
import start_build
from aws.settings import SettingsError
from tests.functions.support.recording import Recording
from tests.functions.support.repository import FIRST
from tests.functions.support.starting import Starting

START_BUILD = [field.name.upper() for field in fields(start_build.Settings)]
RECORD_IMAGE = [field.name.upper() for field in fields(record_image.Settings)]


@pytest.mark.parametrize("name", START_BUILD)
def test_start_build_names_the_missing_variable(starting: Starting, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(name)

    assert starting.take(starting.upload()) == [0]
    assert starting.wire.operations == []
    assert starting.printed.metrics == {"MessageFailed": 1}
    (entry,) = starting.printed.entries("The message goes back to the queue")
    assert f"SettingsError: The function needs the environment variables {name}." in entry["exception"]


@pytest.mark.parametrize("name", RECORD_IMAGE)
def test_record_image_names_the_missing_variable(
    recording: Recording, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    recording.registry.push(FIRST)
    monkeypatch.delenv(name)

    with pytest.raises(SettingsError, match=rf"variables {name}\. Deploy the template"):
        recording.trigger()
    assert recording.wire.operations == []
    assert recording.printed.metrics == {"RecordingFailed": 1}


def test_an_empty_variable_counts_as_missing(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARAMETER", "")

    with pytest.raises(SettingsError, match="PARAMETER"):
        recording.trigger()


def test_all_missing_variables_are_named(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in RECORD_IMAGE:
        monkeypatch.delenv(name)

    with pytest.raises(SettingsError, match=f"variables {', '.join(RECORD_IMAGE)}."):
        recording.trigger()
