"""A term of sixty: attempts, lateness, extensions, groups, absences, a broken resubmission, a mended check, appeals.

The final table is computed a second time, from a list of what everybody did, by rules that are written down here alone.
"""

from __future__ import annotations

import csv
import io
import math
import re
import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from helpers.command import Command, jobs_here, work_off_by
from helpers.course_factory import make_course, write_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from grader.classroom.run import Task
    from grader.grading import Grader
    from grader.jobs import Done, Runner, Settings
    from grader.results import Verdict
    from grader.sandbox.outside.server import ForkServer

RIGHT = "def double(number):\n    return 2 * number\n"
WRONG = "def double(number):\n    return number\n"
BROKEN = "PK\x03\x04 this is no archive"
DUE = datetime.fromisoformat("2026-11-20T12:00:00+00:00")
POLICY = """schema = "grader.policy/1"
time_zone = "UTC"
attempt = "best_after_penalty"

[defaults]
due = 2026-11-20T12:00:00
grace_minutes = 15
percent = 10
hard_end_hours = 96

[[extensions]]
students = ["s04@example.org", "s14@example.org"]
hours = 48
"""
MANUAL = """
[[exercises.double.criteria]]
title = "In words"
points = 4
visibility = "public"
manual = true
"""


@dataclass
class Student:
    """What somebody hands in, round by round: what, and so many hours after the due date."""

    number: int
    rounds: list[tuple[str, float] | None]
    partner: int | None = None
    extension: float = 0.0
    by_hand: float | None = None
    override: float | None = None
    wanted: float | None = None
    absent: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        return f"s{self.number:02}@example.org"


def make_class() -> list[Student]:
    stories: list[list[tuple[str, float] | None]] = [
        [(RIGHT, -5.0), None],
        [(WRONG, -5.0), (RIGHT, 20.0)],
        [(RIGHT, 30.0), None],
        [(RIGHT, -1.0), (BROKEN, 20.0)],
        [(WRONG, 10.0), (RIGHT, 60.0)],
        [None, None],
        [(RIGHT, 0.2), None],
        [None, None],
        [(WRONG, 90.0), (RIGHT, 100.0)],
        [(RIGHT, -2.0), (WRONG, 1.0)],
    ]
    students = [Student(n, list(stories[n % 10])) for n in range(60)]
    for n in (6, 16, 26, 36, 46, 56):  # the next one is in their group
        students[n].partner = n + 1
    for student in students:
        student.extension = 48.0 if student.number in (4, 14) else 0.0
        student.by_hand = 3.0 if student.number % 2 == 0 and student.number % 10 != 5 else None
        student.absent = student.number % 10 == 5
    for number, points in ((1, 12.0), (5, 6.0), (9, 0.0)):  # appeals; one of them was in another room
        students[number].override = points
    return students


def expected(student: Student, by_number: dict[int, Student]) -> tuple[float, float] | None:
    """Return score and penalty of a student, by the rules of the policy in plain words."""
    owner = next((s for s in by_number.values() if s.partner == student.number), student)
    best: tuple[float, float] | None = None
    for done in owner.rounds:
        if done is None or done[0] == BROKEN:
            continue
        what, hours = done
        checks = 10.0 if what == RIGHT else 0.0
        score = checks + (student.by_hand or 0.0)
        if student.override is not None:
            score = student.override
        maximum = 14.0 if student.by_hand is not None or student.override is not None else 10.0
        late = hours - student.extension
        if hours > 96.0 + student.extension:
            continue
        days = 0 if late <= 0.25 else math.ceil(late / 24.0)
        penalty = -min(score, days * 0.1 * maximum)
        if best is None or score + penalty > sum(best):
            best = score, penalty
    if best is None and student.override is not None:
        return student.override, 0.0
    return best


def export_of(round_: int, students: list[Student]) -> dict[str, str]:
    """Return a download of Gradescope: the active submission of everybody, as of a round."""
    files, metadata = {}, ""
    for student in students:
        done = next((each for each in reversed(student.rounds[: round_ + 1]) if each is not None), None)
        if done is None:
            continue
        what, hours = done
        name = f"submission_{100 + student.number + 1000 * student.rounds.index(done)}"
        files[f"{name}/double.{'zip' if what == BROKEN else 'py'}"] = what
        keys = [student.key, *([f"s{student.partner:02}@example.org"] if student.partner is not None else [])]
        metadata += f"{name}:\n  :submitters:\n"
        metadata += "".join(
            f"  - :name: Student {key[1:3]}\n    :sid: '{key[1:3]}'\n    :email: {key}\n" for key in keys
        )
        when = DUE + timedelta(hours=hours)
        metadata += f"  :created_at: {when:%Y-%m-%d %H:%M:%S}.000000000 Z\n  :status: processed\n"
    return {**files, "submission_metadata.yml": metadata}


@pytest.fixture(scope="module")
def term(tmp_path_factory: pytest.TempPathFactory, server: ForkServer) -> Iterator[Term]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        work_off_by(each_once(jobs_here(server)), monkeypatch)
        yield Term(tmp_path_factory.mktemp("term"), Command(server, monkeypatch))


def each_once(run_jobs: Runner) -> Runner:
    """Return what grades one of those that hand in the same; the others get its verdict, with the checks of that run."""

    def run(
        settings: Settings, work: Callable[[Grader, Task], Verdict], tasks: Iterable[Task], count: int
    ) -> Iterator[Done[Task, Verdict]]:
        known: dict[str, Done[Task, Verdict]] = {}
        for task in tasks:
            sha256 = task.submission.sha256
            if sha256 not in known:
                (known[sha256],) = run_jobs(settings, work, [task], count)
            yield known[sha256]._replace(task=task)

    return run  # type: ignore[return-value]


class Term:
    """The term, gone through once; tests look at what it has left."""

    def __init__(self, root: Path, command: Command) -> None:
        self.root = root
        self._command = command
        self.course = make_course(root / "course")
        self.students = make_class()
        rubric = self.course / "rubrics/numbers.toml"
        rubric.write_text(rubric.read_text().replace("points = 10", "points = 14") + MANUAL)
        write_files(self.course, {"rubrics/policy.toml": POLICY})
        roster = "Name,SID,Email\n" + "".join(f"Student {s.number:02},{s.number:02},{s.key}\n" for s in self.students)
        write_files(root, {"roster.csv": roster})
        hidden = self.course / "reference/numbers/double/test_hidden.py"
        right = hidden.read_text()
        hidden.write_text(right.replace("reference.double(-3)", "-7"))
        self.first = self.batch(0)
        hidden.write_text(right)
        self.mended = self.batch(0)
        self.second = self.batch(1)
        self.again = self.batch(1)
        for student in self.students:
            if student.by_hand is not None and not student.absent and self.has_attempt(student):
                self.run("mark", student.key, "double", "In words", f"{student.by_hand:g}", "--why", "Clear.")
            if student.override is not None:
                self.run(
                    "override", student.key, "double", f"{student.override:g}", "--why", f"Appeal {student.number}."
                )

    def has_attempt(self, student: Student) -> bool:
        owner = next((s for s in self.students if s.partner == student.number), student)
        return any(each is not None for each in owner.rounds)

    def run(self, *arguments: str, status: int = 0) -> str:
        done = self._command.run(*arguments, "--gradebook", "class.sqlite", cwd=self.course)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout

    def batch(self, round_: int) -> str:
        shutil.rmtree(self.root / "download", ignore_errors=True)
        write_files(self.root / "download", export_of(round_, self.students))
        status = 1 if round_ == 1 else 0
        return self.run(
            *("batch", "../download", "--roster", "../roster.csv", "--jobs", "1", "--isolation", "auto"), status=status
        )

    def table(self) -> dict[str, dict[str, str]]:
        return {row["student"]: row for row in list(csv.DictReader(io.StringIO(self.run("export"))))[1:]}


def test_the_table_is_what_the_rules_give(term: Term) -> None:
    by_number = {student.number: student for student in term.students}
    for student in term.students:
        if student.by_hand is not None and not term.has_attempt(student):
            student.by_hand = None
    table, wanted = term.table(), {}
    for student in term.students:
        found = expected(student, by_number)
        wanted[student.key] = (0.0, 0.0, 0.0) if found is None and student.absent else (
            None if found is None else (found[0], round(found[1], 2), round(sum(found), 2))
        )  # fmt: skip
    told = {key: tuple(float(row[column]) for column in ("score", "penalty", "total")) for key, row in table.items()}
    assert len(table) == 60
    assert told == wanted


def test_a_mended_check_says_who_gained_and_a_run_without_changes_says_nothing(term: Term) -> None:
    assert "Marks that changed" not in term.first
    gained = re.search(r"Marks that changed since the last run: (\d+) \((\d+) went up, 0 down or open\)", term.mended)
    assert gained is not None
    right = sum(s.rounds[0] is not None and s.rounds[0][0] == RIGHT for s in term.students)
    partners = sum(s.partner is not None for s in term.students)
    assert int(gained[1]) == int(gained[2]) == right + partners
    assert "the checks changed." in term.mended
    assert "Marks that changed" not in term.again
    assert "0 graded" in term.again


def test_every_number_of_the_table_stands_in_the_explanation(term: Term) -> None:
    table = term.table()
    for number in (1, 2, 3, 4, 5, 6, 8, 9):
        student, row = term.students[number], table[f"s{number:02}@example.org"]
        said = term.run("explain", student.key)
        assert said.startswith(f"Student {number:02} ({student.key}): {row['total']} of ")
        if row["penalty"] != "0":
            assert f"Earned {row['score']}, lateness {row['penalty']}" in said
        if student.override is not None:
            assert f"Appeal {number}." in said
        if number == 3:
            assert "Attempt 2 does not count, because it could not be graded" in said
