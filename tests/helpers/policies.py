"""Policies of a small course, read from their file, and what they make of hand-ins."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from grader.classroom.lateness import Work
from grader.classroom.penalties import Penalty, penalties
from grader.classroom.policy import Policy, Student
from grader.classroom.policy_file import load_policy
from grader.course.finding import find_course
from helpers.course_factory import make_course

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
