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
from grader.course.finding import find_course
from grader.jobs import Settings, usable_cores, work_off
from grader.report.progress import progress
from grader.sandbox.outside.server import Isolation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from grader.course.model import Course, Exercise
    from grader.grading import Grader


@dataclass(frozen=True)
class Task:
    """The wrong variants of an exercise of a course, to be tried on its checks, and the hash of what decides that."""

    exercise: str
    variants: tuple[Path, ...]
    made_of: str
    root: Path


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
    tasks = [
        Task(name, exercise.wrong, fingerprint.of_mistakes(exercise), course.root) for name, exercise in known.items()
    ]
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

        work_off(settings, try_mistakes, tasks, jobs, keep).require_all()


def try_mistakes(grader: Grader, task: Task) -> str:
    """Return what is known of an exercise's mistakes as JSON, inside a job in a copy without answers.

    There the public checks are all there is, as where the records will be read. Which hidden checks fail is asked of
    the course itself.
    """
    from grader.diagnosis import recorded
    from grader.diagnosis.variants import describe_variant
    from grader.submission.reading import read_submission

    (exercise,) = grader.course.select([task.exercise])
    described = [describe_variant(variant) for variant in task.variants]
    failing = {
        variant.stem: sorted(grader.failing_calls(read_submission(variant), exercise).items())
        for variant in task.variants
    }
    whole = grader.of_course(find_course(task.root))
    shown = [(variant, check, calls) for variant, found in failing.items() for check, calls in found if calls]
    (answered,) = whole.course.select([task.exercise])
    assert answered.solution is not None
    right = whole.answers(read_submission(answered.solution), answered, [calls for *_, calls in shown])
    kept = (recorded.entry(*each, answers) for each, answers in zip(shown, right, strict=True))
    entries = [entry for entry in kept if entry is not None]
    hidden = _failed_hidden_checks(whole, task)
    fails = {variant: [*(check for check, _ in found), *hidden.get(variant, ())] for variant, found in failing.items()}
    return recorded.to_json(recorded.KnownMistakes(recorded.SCHEMA, described, entries, fails, task.made_of))


def _failed_hidden_checks(whole: Grader, task: Task) -> dict[str, list[str]]:
    """Return the hidden checks that each variant fails."""
    from grader.submission.reading import read_submission

    (exercise,) = whole.course.select([task.exercise])
    hidden = [check.name for check in exercise.checks if check.visibility == "hidden"]
    if not hidden:
        return {}
    return {
        variant.stem: sorted(whole.failed_checks(read_submission(variant), exercise, hidden))
        for variant in task.variants
    }
