"""Secrets are refused, by their names and by their content."""

import pytest

from tests.support.trees import write
from tests.unit.ship.support.secret_files import PEM, token
from tests.unit.ship.support.uploader import Uploader


def test_secrets_are_refused_and_the_option_that_sends_them_can_be_pasted(uploader: Uploader) -> None:
    uploader.holds("my keys/.env")

    assert uploader.refused("These files look like secrets").to_do.endswith("--allow 'my keys/.env'")


def test_a_list_of_findings_has_an_end_and_one_pattern_allows_them_all(uploader: Uploader) -> None:
    uploader.holds(*(f"keys/{number:02}.pfx" for number in range(24)))

    problem = uploader.refused("These files look like secrets", dry_run=True)
    assert problem.what.splitlines()[1:] == [
        *(f"  keys/{number:02}.pfx: a private key" for number in range(10)),
        "  … and 14 more",
    ]
    assert problem.to_do.count("--allow") == 11
    assert problem.to_do.endswith("--allow keys/09.pfx …; a pattern allows many at once: --allow 'tests/*'")
    assert uploader.up(dry_run=True, allowed=["keys/*"]) == 0


@pytest.mark.usefixtures("unpacked")
def test_what_names_show_is_refused_before_anything_is_packed_with_what_contents_show(uploader: Uploader) -> None:
    uploader.holds(".env")
    uploader.holds("key.txt", content=PEM)

    lines = uploader.refused("These files look like secrets").what.splitlines()
    assert lines[1:] == ["  .env: environment variables", "  key.txt: a private key"]


def test_what_only_its_content_shows_is_refused_and_can_be_allowed(uploader: Uploader) -> None:
    uploader.holds("key.txt", "a[b].txt", content=PEM)

    uploader.refused(r"key\.txt: a private key", dry_run=True)
    assert uploader.up(dry_run=True, allowed=["key.txt", "a[b].txt"]) == 0


def test_the_history_is_left_out_without_a_word(uploader: Uploader) -> None:
    uploader.holds(".git/config")

    assert uploader.up(dry_run=True) == 0
    assert uploader.out == "Dockerfile\n"
    assert "git" not in uploader.said


def test_a_history_that_is_sent_on_purpose_is_allowed_as_a_whole(uploader: Uploader) -> None:
    write(uploader.folder, {".git/config": token("ghp_", 36), ".git/HEAD": "", ".dockerignore": "!.git\n"})

    uploader.refused(r"\.git: the history, and maybe logins", dry_run=True)
    assert uploader.up(dry_run=True, allowed=[".git"]) == 0
