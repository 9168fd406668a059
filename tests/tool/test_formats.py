"""Output formats: a file more is a format more, and commands say and use what is there."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from grader.cli import at_desk, class_commands, course_commands, desk_commands
from grader.report import formats
from grader.report.registry import Formats
from helpers.course_factory import make_course

if TYPE_CHECKING:
    from pathlib import Path

    from helpers.command import Command

pytestmark = pytest.mark.light

SHOUT = """
from grader.report.registry import Format

FORMAT = Format("shout", lambda verdict: f"{verdict.points:g} POINTS!")
"""
# The command, with a folder more in which a package's modules are found.
WITH_FOLDER = """
import importlib, sys
package, folder = sys.argv[1:3]
importlib.import_module(package).__path__.append(folder)
sys.argv[1:] = sys.argv[3:]
from grader.cli.main import run
sys.exit(run())
"""


def with_file(tmp_path: Path, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "formats").mkdir()
    (tmp_path / "formats" / f"{name}.py").write_text(SHOUT)
    (tmp_path / "work.py").write_text("def double(number) return number * 2")  # a verdict comes at once: nothing runs
    command = [sys.executable, "-c", WITH_FOLDER, "grader.report.formats", str(tmp_path / "formats"), *arguments]
    course = make_course(tmp_path / "course")
    return subprocess.run(command, cwd=course, capture_output=True, text=True, check=False)


def test_a_format_that_is_one_file_is_offered(tmp_path: Path) -> None:
    assert "<terminal|ctrf|html|json|junit|markdown|plain|shout>" in with_file(tmp_path, "shout", "--help").stdout


@pytest.mark.torch
def test_a_format_that_is_one_file_is_used(tmp_path: Path) -> None:
    done = with_file(tmp_path, "shout", "--submission", "../work.py", "--format", "shout")
    assert (done.returncode, done.stdout) == (1, "0 POINTS!\n"), done.stderr


def test_a_file_that_is_not_a_format_is_not_offered(tmp_path: Path) -> None:
    assert "_helper" not in with_file(tmp_path, "_helper", "--help").stdout


def test_an_unknown_format_is_refused_with_those_that_there_are(tmp_path: Path, command: Command) -> None:
    done = command.run("--format", "xml", cwd=make_course(tmp_path / "course"))
    assert done.returncode == 2
    assert "'xml' is not one of 'terminal', 'ctrf', 'html', 'json', 'junit', 'markdown', 'plain'." in " ".join(
        done.stderr.split()
    )


@pytest.mark.torch
@pytest.mark.parametrize(
    "known",
    [at_desk.VERDICT, desk_commands._FINDINGS, class_commands._CLASS, class_commands._PULL_REQUEST, course_commands._REPORTS],
    ids=lambda known: known._package,
)  # fmt: skip
def test_every_format_is_registered_under_the_name_of_its_file(known: Formats[object]) -> None:
    assert known.names[0] == known.default
    assert len(known.names) > 1
    for name in known.names:
        assert known.get(name).name == name


def test_a_format_of_another_name_than_its_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "whisper.py").write_text(SHOUT)
    monkeypatch.setattr(formats, "__path__", [*formats.__path__, str(tmp_path)])
    with pytest.raises(AssertionError, match="registers a format of another name: shout"):
        Formats("grader.report.formats", "terminal").get("whisper")
    sys.modules.pop("grader.report.formats.whisper")
