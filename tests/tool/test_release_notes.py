"""What a release says about itself: the changelog's section for the version that its tag names, or a refusal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from grader.version import __version__
from tools.release_notes import notes, with_links

pytestmark = pytest.mark.light

PROJECT = Path(__file__).parents[2]
CHANGELOG = """# Changelog

## Unreleased

- Later.

## 1.2.0 - 2026-03-04

### For students

- New.

## 1.1.0 - 2026-01-02

- Old.
"""


def test_they_are_the_section_of_the_version() -> None:
    assert notes("v1.2.0", CHANGELOG, "1.2.0") == "### For students\n\n- New.\n"


@pytest.mark.parametrize(
    ("tag", "changelog", "refusal"),
    [
        ("v1.1.0", CHANGELOG, "The tag is v1.1.0, but grader/version.py says 1.2.0: the tag must be v1.2.0."),
        ("1.2.0", CHANGELOG, "the tag must be v1.2.0"),
        ("v1.2.0", CHANGELOG.replace("## 1.2.0 - 2026-03-04", "## 1.2.0"), "has no section"),
        ("v1.2.0", CHANGELOG.replace("1.2.0", "1.2.01"), "has no section"),
        ("v1.2.0", "## 1.2.0 - 2026-03-04\n\n## 1.1.0 - 2026-01-02\n\n- Old.\n", "says nothing about 1.2.0"),
    ],
    ids=["another version", "no v", "no date", "a longer number", "empty"],
)
def test_a_tag_that_does_not_fit_is_refused(tag: str, changelog: str, refusal: str) -> None:
    with pytest.raises(SystemExit, match=refusal):
        notes(tag, changelog, "1.2.0")


def test_links_to_files_lead_to_the_host() -> None:
    text = "[a](docs/a.md#b), [c](https://example.org) and [d](#d)"
    assert with_links(text, "https://host/x/blob/v1") == (
        "[a](https://host/x/blob/v1/docs/a.md#b), [c](https://example.org) and [d](#d)"
    )


def test_the_version_that_is_here_has_notes_and_no_other_python_is_needed() -> None:
    command = [sys.executable, "-S", "-m", "tools.release_notes", f"v{__version__}"]  # -S: no libraries
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "### For students" in done.stdout
    assert len(done.stdout.splitlines()) < 100, "Nobody reads more: a merge may have brought removed lines back."
