"""Proves that the scaffold of an exercise asks for something: what it shows and what anybody would try earn nothing."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from grader import edition
from grader.authoring.scaffolding import given_away
from grader.authoring.scaffolding.stub_texts import faults, marks_of, stub_text
from grader.authoring.scaffolding.trivial_fills import Fill, all_filled, one_filled, solved
from grader.results import Outcome
from grader.submission.reading import read_submission

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.course.model import Course, Exercise
    from grader.grading import Grader


def is_marked(exercise: Exercise) -> bool:
    """Tell whether a solution has marks for a scaffold and steps, right ones or wrong ones."""
    return any(marks_of(exercise))


def faults_of_marks(exercise: Exercise, course: Course) -> list[str]:
    """Return what is wrong with an exercise's marks, as sentences; nothing if there are none.

    What blanks stand for must not stand elsewhere in a release, the scaffolds of other exercises included.
    """
    if not is_marked(exercise):
        return []
    found = list(faults(exercise, marks_of(exercise)))
    return found or list(given_away.faults(exercise, _released(course)))


def unearned(grader: Grader, exercise: Exercise) -> Iterator[str]:
    """Yield what earns points without understanding, and blanks that no check looks at, as sentences."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "filled.py"
        path.write_text(solved(exercise), encoding="utf-8")
        if (failed := grader.first_failure(read_submission(path), exercise)) is not None:
            yield f"The solution's own text in the blanks fails {failed}: nothing else may differ from the solution."
            return
        for fill in (Fill("nothing in the blanks", stub_text(exercise, "guided")), *all_filled(exercise)):
            path.write_text(fill.text, encoding="utf-8")
            result = grader.grade_quickly(read_submission(path), exercise)
            earned = [f'"{each.title}"' for each in result.criteria if each.outcome is Outcome.PASSED and each.points]
            if earned:
                points = f"{result.points:g} points ({', '.join(earned)})"
                yield (
                    f"With {fill.how}, the guided stub earns {points}: hide more, or let a criterion that asks for no "
                    "effect count `beside_others`."
                )
        for fill in one_filled(exercise):
            path.write_text(fill.text, encoding="utf-8")
            if grader.first_failure(read_submission(path), exercise) is None:
                yield f"With {fill.how} and all else right, the guided stub passes every check: choose another blank."


def _released(course: Course) -> dict[str, bytes]:
    """Return the files of a release with guided stubs, as far as solutions have marks for them."""
    files = edition.files(course, edition.COURSE, mistakes=False)
    for exercise in course.in_code:
        if exercise.solution is not None and not any(faults(exercise, marks_of(exercise))):
            files[f"exercises/{exercise.key}.py"] = stub_text(exercise, "guided").encode()
    return files
