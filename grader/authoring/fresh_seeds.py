"""Asks right and wrong variants of an exercise on fresh draws: a check that then changes its mind cannot be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from grader.authoring.findings import called
from grader.diagnosis.variants import describe_variant
from grader.errors import GraderError
from grader.results import Outcome
from grader.submission.reading import read_submission

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.course.model import Exercise
    from grader.grading import Grader


class _Change(NamedTuple):
    """What a check did that it must not, such as "the reference solution fails it", and what it said."""

    check: str
    what: str
    message: str


def fickle_checks(grader: Grader, exercise: Exercise, seeds: int, *, everyone: bool) -> list[str]:
    """Return a sentence on every check that decides otherwise at one of the seeds 1 to `seeds`.

    The solution must pass at all of them, and accepted variants at the first. For `everyone`, accepted variants must
    pass at all of them too, and wrong ones must fail their `CAUGHT_BY`.
    """
    found: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for seed in range(1, seeds + 1):
        for change in _changes(grader.with_seed(seed), exercise, accepted=everyone or seed == 1, wrong=everyone):
            found.setdefault((change.check, change.what), []).append((seed, change.message))
    return [_sentence(check, what, at, seeds) for (check, what), at in found.items()]


def _sentence(check: str, what: str, at: list[tuple[int, str]], seeds: int) -> str:
    (first, message), count = at[0], len(at)
    return f"{check} changes its mind: {what} with --seed {first} ({count} of {seeds} seeds). {message}".rstrip()


def _changes(grader: Grader, exercise: Exercise, *, accepted: bool, wrong: bool) -> Iterator[_Change]:
    assert exercise.solution is not None
    for path in (exercise.solution, *(exercise.accepted if accepted else ())):
        name = "the reference solution" if path == exercise.solution else called(path)
        for check in grader.grade_quickly(read_submission(path), exercise).checks:
            if check.outcome in (Outcome.FAILED, Outcome.ERROR):
                yield _Change(check.name, f"{name} fails it", check.message)
    for path in exercise.wrong if wrong else ():
        due = describe_variant(path).caught_by
        try:
            if not grader.failed_checks(read_submission(path), exercise, [due]):
                yield _Change(due, f"{called(path)} passes it, its CAUGHT_BY,", "Sharpen the check.")
        except GraderError as error:
            yield _Change(due, f"{called(path)} breaks it", str(error))
