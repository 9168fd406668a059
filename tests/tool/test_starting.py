"""Where the command `grade` starts: what it says when the package behind it cannot be used."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

import diffusion_grader
import grader.cli.main  # so that it can be taken away
from helpers.packages import PIP, install

if TYPE_CHECKING:
    from pathlib import Path


def starts(monkeypatch: pytest.MonkeyPatch, missing: str, *arguments: str) -> int:
    """Start the command where a module cannot be imported, and return its exit status."""
    monkeypatch.setattr(sys, "argv", ["grade", *arguments])
    for package in ("cli", "course"):
        monkeypatch.setattr(grader, package, getattr(grader, package))  # so that it is put back, too
    for name in [name for name in sys.modules if f"{name}.".startswith(("grader.cli.", "grader.course."))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(SystemExit) as ended:
        diffusion_grader.main()
    return int(ended.value.code or 0)


def test_a_command_that_another_distribution_hides_says_so(
    packages: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install(packages, "grader", "1.2")
    assert starts(monkeypatch, "grader.cli", "doctor") == 1
    said = capsys.readouterr().err
    assert "The distribution `grader` 1.2 has nothing to do with this grader" in said
    assert f"run `{PIP} uninstall grader`, then install this grader again" in said


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("typer", "The library typer is missing or broken"),
        ("grader.course", "This installation is broken"),
        ("dataclasses", "This Python has no module dataclasses"),
    ],
)
def test_a_command_that_cannot_start_says_what_is_missing(
    missing: str, sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert starts(monkeypatch, missing, "--help") == 2
    assert sentence in capsys.readouterr().err
