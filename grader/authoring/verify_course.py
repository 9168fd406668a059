"""Verifies the exercises of a course that were named, or those that changed since a commit."""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from grader.authoring import attacking, verify
from grader.authoring.attacking import Attack
from grader.authoring.changed import changed_exercises
from grader.authoring.findings import Report
from grader.classroom.policy_file import load_policy
from grader.course.rubric_reading import load_rubrics
from grader.jobs import Settings, usable_cores, work_off
from grader.report.progress import progress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grader.course.model import Course, Exercise
    from grader.grading import Conditions, Grader

R = TypeVar("R", Report, Attack)


class Found(NamedTuple, Generic[R]):
    """What was found out about exercises; the names of those `left` by an interruption; why others broke."""

    reports: list[R]
    left: list[str]
    broken: list[str]


def verify_course(
    course: Course,
    names: Sequence[str],
    conditions: Conditions,
    *,
    changed_since: str | None = None,
    fast: bool = False,
    seeds: int | None = None,
    jobs: int | None = None,
) -> Found[Report]:
    """Return a report on each exercise; `names` are exercises or lessons, all of them if empty.

    `fast` leaves out mutants and fresh seeds; `seeds` is the number of fresh seeds if given, at each of which
    all variants are then asked; `jobs` is the number of processes, one a core for None. Findings are written to
    standard error as they come, and Ctrl-C leaves what has been found out.

    Raises:
        UsageError: a name, a rubric or the policy is wrong, or git does not know the commit.
    """
    depth = verify.FAST if fast else verify.FULL
    if seeds is not None:
        depth = dataclasses.replace(depth, seeds=seeds, variants_at_each_seed=True)
    exercises = _chosen(course, names, changed_since)
    tasks = {verify.Task(exercise.key, depth): exercise for exercise in exercises}
    return _found(course, tasks, verify.verify_task, conditions, jobs)


def attack_course(
    course: Course,
    names: Sequence[str],
    conditions: Conditions,
    *,
    changed_since: str | None = None,
    jobs: int | None = None,
) -> Found[Attack]:
    """Return what cheats earned in each exercise; parameters and errors are those of `verify_course`."""
    exercises = [exercise for exercise in _chosen(course, names, changed_since) if not exercise.is_questions]
    tasks = {attacking.Task(exercise.key): exercise for exercise in exercises}
    return _found(course, tasks, attacking.attack_task, conditions, jobs)


def _found(
    course: Course,
    tasks: dict[Any, Exercise],
    work: Callable[[Grader, Any], R],
    conditions: Conditions,
    jobs: int | None,
) -> Found[R]:
    if not tasks:
        return Found([], [], [])
    settings = Settings(course.root, tuple(exercise.key for exercise in tasks.values()), *conditions)
    # The slowest start first, so that no process is left with one of them at the end.
    order = sorted(tasks, key=lambda task: not tasks[task].on_model)
    with progress(len(tasks), time_left=True) as finished:

        def done(task: Any, report: R) -> None:
            name = tasks[task].name
            finished(name)
            for finding in report.findings:
                print(f"{name}: {finding}", file=sys.stderr, flush=True)

        worked = work_off(settings, work, order, jobs or usable_cores(), done)
    reports = [worked.results[task] for task in tasks if task in worked.results]
    return Found(reports, [tasks[task].name for task in tasks if task in worked.left], worked.broken)


def _chosen(course: Course, names: Sequence[str], changed_since: str | None) -> Sequence[Exercise]:
    exercises: Sequence[Exercise] = course.select(names)
    if changed_since is not None:
        exercises = changed_exercises(course, exercises, changed_since)
    load_rubrics(course, dict.fromkeys(exercise.lesson for exercise in exercises))
    load_policy(course)
    return exercises
