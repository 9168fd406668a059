"""Verifies the exercises of a course that were named, or those that changed since a commit."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from grader.authoring.attacking import attack_all
from grader.authoring.changed import changed_exercises
from grader.authoring.verify import FAST, FULL, verify_all
from grader.classroom.policy_file import load_policy
from grader.course.rubric_reading import load_rubrics
from grader.jobs import Settings, usable_cores
from grader.report.progress import progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.authoring.attacking import Attack
    from grader.authoring.findings import Report
    from grader.course.model import Course, Exercise
    from grader.grading import Conditions


def verify_course(
    course: Course,
    names: Sequence[str],
    conditions: Conditions,
    *,
    changed_since: str | None = None,
    fast: bool = False,
    seeds: int | None = None,
    jobs: int | None = None,
) -> list[Report]:
    """Return a report on each exercise; `names` are exercises or lessons, all of them if empty.

    `fast` leaves out mutants and fresh seeds; `seeds` is the number of fresh seeds if given, at each of which
    all variants are then asked; `jobs` is the number of processes, one a core for None.

    Raises:
        UsageError: a name, a rubric or the policy is wrong, git does not know the commit, or nothing has changed since.
    """
    exercises = _chosen(course, names, changed_since)
    depth = FAST if fast else FULL
    if seeds is not None:
        depth = dataclasses.replace(depth, seeds=seeds, variants_at_each_seed=True)
    settings = Settings(course.root, tuple(exercise.key for exercise in exercises), *conditions)
    with progress(len(exercises), time_left=True) as finished:
        return verify_all(exercises, settings, depth, jobs or usable_cores(), finished)


def attack_course(
    course: Course,
    names: Sequence[str],
    conditions: Conditions,
    *,
    changed_since: str | None = None,
    jobs: int | None = None,
) -> list[Attack]:
    """Return what cheats earned in each exercise; parameters and errors are those of `verify_course`."""
    exercises = _chosen(course, names, changed_since)
    settings = Settings(course.root, tuple(exercise.key for exercise in exercises), *conditions)
    with progress(len(exercises), time_left=True) as finished:
        return attack_all(exercises, settings, jobs or usable_cores(), finished)


def _chosen(course: Course, names: Sequence[str], changed_since: str | None) -> Sequence[Exercise]:
    exercises: Sequence[Exercise] = course.select(names)
    if changed_since is not None:
        exercises = changed_exercises(course, exercises, changed_since)
    load_rubrics(course, dict.fromkeys(exercise.lesson for exercise in exercises))
    load_policy(course)
    return exercises
