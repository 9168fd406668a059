"""Policies: what lateness costs by the rules of platforms and syllabi, and what a wrong file is told."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from grader.classroom.lateness import Work
from grader.classroom.penalties import Penalty, penalties
from grader.classroom.policy import Policy, Student
from grader.classroom.policy_file import load_policy
from grader.course.finding import find_course
from helpers.course_factory import make_course

pytestmark = pytest.mark.light

FILE = "rubrics/policy.toml"
EXERCISES = ["numbers/double", "numbers/twice", "letters/upper"]
HEAD = 'schema = "grader.policy/1"\ntime_zone = "Europe/Berlin"\n'
DUE = "due = 2026-12-01T23:59:00"
ADA, BOB = Student("ada"), Student("bob", ("team_7",))


def course_with(root: Path, policy: str | None) -> Any:
    return find_course(make_course(root, EXERCISES, {FILE: policy}, reference=False))


def read(root: Path, policy: str, head: str = HEAD) -> Policy:
    return load_policy(course_with(root, head + policy))


def work(
    submitted_at: str | None, raw: object = 10, maximum: object = 10, at: str = "numbers/double", **more: Any
) -> Work:
    lesson, exercise = at.split("/")
    return Work(
        lesson, exercise, submitted_at, more.pop("late", None), Decimal(str(raw)), Decimal(str(maximum)), **more
    )


def penalised(policy: Policy, *works: Work, student: Student = ADA) -> list[Penalty]:
    return penalties(policy, {student: works})[student]


def points(policy: Policy, *works: Work, student: Student = ADA) -> list[Decimal]:
    return [each.points for each in penalised(policy, *works, student=student)]


def expected(*numbers: object) -> list[Decimal]:
    return [Decimal(str(number)) for number in numbers]


# --- without a file ------------------------------------------------------------------------------------------------


def test_without_a_file_nothing_is_due(tmp_path: Path) -> None:
    policy = load_policy(course_with(tmp_path, None))
    assert policy == Policy()
    assert (policy.attempt, policy.counts_by, policy.decimals) == ("last", "exercise", 2)
    assert penalised(policy, work("2026-12-24T00:00:00")) == [Penalty(Decimal(0), "No due date is set.")]


# --- the rules of platforms ----------------------------------------------------------------------------------------

CANVAS = f"[defaults]\n{DUE}\ninterval = 'day'\npercent = 10\nfloor_percent = 40\nmissing_percent = 20\n"


@pytest.mark.parametrize(
    ("submitted_at", "raw", "taken"),
    [
        ("2026-12-01T23:59:00+01:00", 10, 0),
        ("2026-12-01T23:59:01+01:00", 10, -1),  # without grace, a second is a started day
        ("2026-12-02T23:59:00+01:00", 10, -1),
        ("2026-12-02T23:59:01+01:00", 10, -2),
        ("2026-12-03T02:59:00+01:00", 8, -2),  # of the points possible, not of the score
        ("2026-12-20T00:00:00+01:00", 10, -6),  # down to the floor
        ("2026-12-04T00:00:00+01:00", 5, -1),
        ("2026-12-04T00:00:00+01:00", 3, 0),  # a score below the floor is never raised
    ],
)
def test_canvas_takes_a_percentage_of_the_maximum_for_each_started_interval(
    tmp_path: Path, submitted_at: str, raw: int, taken: int
) -> None:
    assert points(read(tmp_path, CANVAS), work(submitted_at, raw)) == expected(taken)


def test_canvas_gives_missing_work_a_percentage(tmp_path: Path) -> None:
    assert read(tmp_path, CANVAS).missing_points("numbers", "double", Decimal(7)) == Decimal("1.4")
