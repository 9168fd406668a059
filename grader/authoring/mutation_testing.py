"""Mutation testing of an exercise: every mutant of its solution must fail a check, or be recorded as equivalent."""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from grader.authoring.equivalents import EQUIVALENTS, recorded_equivalents
from grader.faults import text_of
from grader.mutation.mutants import mutants
from grader.submission.reading import read_submission

if TYPE_CHECKING:
    from grader.authoring.findings import Report
    from grader.course.model import Exercise
    from grader.grading import Grader


def kill_mutants(grader: Grader, exercise: Exercise, most: int, seconds: float, report: Report) -> None:
    """Grade at most `most` mutants of an exercise's solution; a check must fail each that is not equivalent.

    No further mutant is begun after `seconds`. Which mutants are chosen depends on the exercise's name alone.
    """
    assert exercise.solution is not None
    every = mutants(text_of(exercise.solution))
    random.Random(exercise.name).shuffle(every)
    try:
        equivalent = recorded_equivalents(exercise.solution.parent)
    except ValueError as error:
        report.findings.append(str(error))
        return
    for name in equivalent.keys() - {mutant.name for mutant in every}:
        report.findings.append(
            f"{EQUIVALENTS} records `{name}`, which is not a mutant of the solution any more: remove the entry."
        )
    until = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mutant.py"
        for mutant in every[:most]:
            if time.monotonic() > until:
                break
            path.write_text(mutant.source, encoding="utf-8")
            report.mutants += 1
            if grader.first_failure(read_submission(path), exercise) is not None:
                report.mutants_killed += 1
                if mutant.name in equivalent:
                    report.findings.append(f"{EQUIVALENTS} records `{mutant.name}`, which is caught: remove the entry.")
            elif mutant.name in equivalent:
                report.mutants_equivalent += 1
            else:
                report.findings.append(
                    f"a mutant passes every check: add a check that fails it, or record `{mutant.name}` in "
                    f"{EQUIVALENTS} with the reason why it changes nothing.\n{mutant.difference}"
                )
