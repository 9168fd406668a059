"""Writes a mistake that a class made as a wrong variant of the course, without anything that is a student's."""

from __future__ import annotations

import ast
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from grader.atomic import write_atomically
from grader.authoring.new import BLANK, NAME, Place, blanks
from grader.classroom.clusters.class_run import clusters_of
from grader.diagnosis import recorded
from grader.errors import UsageError
from grader.faults import writing
from grader.grading import warm_grader
from grader.submission.reading import read_submission

if TYPE_CHECKING:
    from grader.classroom.clusters.model import Cluster
    from grader.course.model import Course, Exercise
    from grader.grading import Conditions

_DOCSTRING = f'''"""{BLANK}: the misconception, in one sentence.

{BLANK}: why it is wrong and how to see it, kindly, to the student.
"""'''


class Adopted(NamedTuple):
    """A wrong variant that was written, the blanks in it, and a sentence on what comes next."""

    path: Path
    blanks: list[Place]
    sentence: str


def adopt(
    course: Course, gradebook: Path | str, cluster: str, exercise: str, name: str, conditions: Conditions
) -> Adopted:
    """Write the mistake of a class's group to `reference/LESSON/EXERCISE/wrong/NAME.py`.

    It is the solution with one edit where that answers as the group does, else the shortest code of the group.

    Raises:
        UsageError: the names or the gradebook cannot be used, or the group has no code that can be shown.
    """
    wanted = _exercise(course, exercise)
    if not NAME.fullmatch(name):
        raise UsageError(f"`{name}` is not a valid name: write it in lower-case letters, digits and underscores.")
    assert wanted.solution is not None
    path = wanted.solution.parent / "wrong" / f"{name}.py"
    if path.exists():
        raise UsageError(f"{path.relative_to(course.root)} exists already: choose another name.")
    found = _cluster(course, gradebook, cluster, wanted, conditions)
    code = found.edited or found.code
    if not code:
        raise UsageError(
            f"{cluster} cannot be adopted: no code of its students can be shown without their own names. Write "
            f"{path.relative_to(course.root)} yourself, as the guide for authors says."
        )
    text = _variant(code, _caught_by(course, wanted, code, conditions))
    with writing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text)
    return Adopted(
        path, blanks(path), f"Fill these in. Then: grade verify {wanted.name} and grade record {wanted.name}"
    )


def _exercise(course: Course, name: str) -> Exercise:
    found = [exercise for exercise in course.select([name]) if not exercise.is_questions]
    if len(found) != 1:
        raise UsageError(f"`{name}` is not one exercise: write LESSON/EXERCISE.")
    if found[0].solution is None:
        raise UsageError(f"{found[0].key} has no solution in this course: adopt mistakes in the instructors' course.")
    return found[0]


def _cluster(course: Course, gradebook: Path | str, name: str, exercise: Exercise, conditions: Conditions) -> Cluster:
    found = clusters_of(course, gradebook, [exercise.key], conditions, everyone=True).clusters
    for cluster in found:
        if cluster.name == name:
            return cluster
    known = ", ".join(cluster.name for cluster in found) or "none"
    raise UsageError(f"{exercise.key} has no group `{name}` in this gradebook. Its groups: {known}.")


def _caught_by(course: Course, exercise: Exercise, code: str, conditions: Conditions) -> str:
    """Return the check that says most about a mistake: one that few known mistakes fail, rather a public one."""
    with tempfile.TemporaryDirectory() as folder, warm_grader(course, [exercise], conditions) as grader:
        path = Path(folder) / "variant.py"
        path.write_text(code, encoding="utf-8")
        failed = grader.failed_checks(read_submission(path), exercise)
    if not failed:
        raise UsageError("This mistake passes every check: write a check that fails it first.")
    known = recorded.fails(exercise.recorded_mistakes or exercise.mistakes)
    public = {check.name for check in exercise.checks if check.visibility == "public"}

    def generality(check: str) -> tuple[int, bool]:
        return sum(check in others for others in known.values()), check not in public

    return min(failed, key=generality)


def _variant(code: str, caught_by: str) -> str:
    body = ast.parse(code).body
    imports = [ast.unparse(each) for each in body if isinstance(each, ast.Import | ast.ImportFrom)]
    rest = [ast.unparse(each) for each in body if not isinstance(each, ast.Import | ast.ImportFrom)]
    parts = ["\n".join(imports), f'CAUGHT_BY = "{caught_by}"']
    return "\n\n".join([_DOCSTRING, *filter(None, parts)]) + "\n\n\n" + "\n\n\n".join(rest) + "\n"
