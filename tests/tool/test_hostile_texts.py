"""A student's words stay words where they are written: in Markdown, on a runner's standard output, in a table."""

from __future__ import annotations

import csv
import io
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from grader.ci import github
from grader.ci.github import Annotation
from grader.classroom.export import ClassMarks
from grader.classroom.formats.csv import marks_csv
from grader.classroom.marks import StudentMarks
from grader.classroom.records import StudentRecord
from grader.report import output
from grader.report.formats.markdown import prose
from grader.report.workflow_commands import Commands, for_runner

if TYPE_CHECKING:
    from pathlib import Path

RUNNER = {"GITHUB_ACTIONS": "true"}


@pytest.mark.parametrize(
    "text",
    [
        "`f` raised ValueError: ``![x](https://evil.example/x.png)`",
        "`f` raised ValueError: a ``` b ` @team ``` ` [link](https://evil.example)",
        "```` @team ````",
        "one ` too many [link](https://evil.example)",
    ],
)
def test_backticks_do_not_free_a_students_markup(text: str) -> None:
    markdown = prose(text)
    assert "\\`" in markdown
    assert "](" not in markdown.replace("\\](", "")
    assert "@team" not in markdown.replace("\\@team", "")


def test_our_own_code_stays_code() -> None:
    assert prose("The result of `f` must be *x*.") == "The result of `f` must be \\*x\\*."


@pytest.mark.parametrize(
    ("text", "defused"),
    [
        ("::error::x", ": :error::x"),
        ("a\n  ::set-output name=x::1", "a\n  : :set-output name=x::1"),
        ("a\r::stop-commands::t", "a\r: :stop-commands::t"),
        ("progress ##[set-output name=x;]1", "progress # #[set-output name=x;]1"),
        ("a :: b\nstd::vector", "a :: b\nstd::vector"),
    ],
)
def test_no_line_is_a_command_to_the_runner(text: str, defused: str) -> None:
    assert for_runner(text, RUNNER) == defused
    assert for_runner(text, {}) == text


def test_our_own_commands_reach_the_runner() -> None:
    commands = github.commands([Annotation("error", "title", "message")])
    assert for_runner(commands, RUNNER) == "::error title=title::message"


def test_standard_output_is_defused_and_a_file_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    output.say("::error::forged")
    output.say(Commands("::notice::ours"))
    assert capsys.readouterr().out == ": :error::forged\n::notice::ours\n"
    output.Output(tmp_path / "verdict.txt").write("::error::forged")
    assert (tmp_path / "verdict.txt").read_text() == "::error::forged\n"


@pytest.mark.parametrize("name", ["student", "points possible", "Points Possible"])
def test_nobodys_line_is_taken_for_a_heading(name: str) -> None:
    student = StudentMarks(StudentRecord(name, name), {})
    rows = list(csv.reader(io.StringIO(marks_csv(ClassMarks(SimpleNamespace(exercises=[]), {}, [student])))))
    assert [row[0] for row in rows] == ["student", "points possible", f"'{name}"]
