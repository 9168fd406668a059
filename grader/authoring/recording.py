"""Records what wrong variants answer to the public checks, beside them, for copies of the course that lack them.

Running all variants of a course takes minutes; what they answer changes only with them, with the public checks, and
with what these import. So the answers are kept in `reference/LESSON/NAME/mistakes.json` with a hash of all that.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader import edition, fingerprint
from grader.atomic import write_atomically
from grader.jobs import Settings, all_results, usable_cores
from grader.report.progress import progress
from grader.sandbox.outside.server import Isolation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from grader.course.model import Course, Exercise
    from grader.grading import Grader


@dataclass(frozen=True)
class Task:
    """The wrong variants of an exercise, to be tried on its public checks, and the hash of what they are made of."""

    exercise: str
    variants: tuple[Path, ...]
    made_of: str


def stale(exercises: Iterable[Exercise]) -> list[Exercise]:
    """Return the exercises whose known mistakes have changed since they were recorded, or never were."""
    return [exercise for exercise in exercises if edition.is_stale(exercise)]


def record_stale(course: Course, exercises: Iterable[Exercise], jobs: int | None = None) -> int:
    """Record the known mistakes of those exercises where they have changed, and return how many these are.

    `jobs` is the number of processes, one a core for None.
    """
    changed = stale(exercises)
    if changed:
        with progress(len(changed), time_left=True) as finished:
            record(course, changed, jobs or usable_cores(), finished)
    return len(changed)


def record(
    course: Course, exercises: Sequence[Exercise], jobs: int, finished: Callable[[str], None] | None = None
) -> None:
    """Try the wrong variants of the exercises, and write down beside them what they answer.

    `finished` is called with the name of every exercise that is done. An interrupted run keeps what it has recorded.
    """
    known = {exercise.key: exercise for exercise in exercises if exercise.wrong}
    tasks = [Task(name, exercise.wrong, fingerprint.of_mistakes(exercise)) for name, exercise in known.items()]
    if not tasks:
        return
    with tempfile.TemporaryDirectory(prefix="grade-") as folder:
        # In a copy without answers: there the public checks are all there is, as where the records will be read.
        edition.write(Path(folder), edition.files(course, edition.COURSE, mistakes=False))
        # The variants are the author's own: as `grade verify` does, confine them where that is possible.
        settings = Settings(Path(folder), tuple(known), Isolation.AUTO)

        def keep(task: Task, text: str) -> None:
            path = known[task.exercise].recorded_mistakes
            assert path is not None
            write_atomically(path, text)
            if finished is not None:
                finished(known[task.exercise].name)

        all_results(settings, try_mistakes, tasks, jobs, keep)


def try_mistakes(grader: Grader, task: Task) -> str:
    """Return what is known of an exercise's mistakes as JSON, inside a job."""
    from grader.diagnosis import recorded
    from grader.diagnosis.variants import describe_variant
    from grader.submission.reading import read_submission

    (exercise,) = grader.course.select([task.exercise])
    described = [describe_variant(variant) for variant in task.variants]
    entries = [
        recorded.entry(variant.stem, check, calls)
        for variant in task.variants
        for check, calls in sorted(grader.failing_calls(read_submission(variant), exercise).items())
        if calls
    ]
    return recorded.to_json(described, entries, task.made_of)
