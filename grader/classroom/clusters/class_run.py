"""Reads a gradebook and groups its failing students, with workers of its own."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from grader.classroom.clusters.grouping import class_clusters, failing
from grader.classroom.export import class_of
from grader.classroom.gradebook import Gradebook
from grader.grading import warm_grader
from grader.judging import import_what_grades

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from grader.classroom.clusters.model import ClassClusters
    from grader.course.model import Course
    from grader.grading import Conditions


def clusters_of(
    course: Course, gradebook: Path | str, names: Sequence[str], conditions: Conditions, *, everyone: bool = False
) -> ClassClusters:
    """Return the groups of a class, of all exercises if none is named; see `class_clusters`.

    Students whose mistake has a name are in a group only with `everyone`.

    Raises:
        UsageError: the gradebook or a name cannot be used.
    """
    exercises = [exercise for exercise in course.select(names) if not exercise.is_questions]
    with closing(Gradebook.open(gradebook, course.name)) as book:
        exported = class_of(course, book)
        found = {exercise: failing(exported, exercise, book.texts, everyone=everyone) for exercise in exercises}
    found = {exercise: members for exercise, members in found.items() if members}
    with warm_grader(course, list(found), conditions) as grader:
        import_what_grades()
        return class_clusters(course.name, grader, found)._replace(everyone=everyone)
