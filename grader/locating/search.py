"""Finds where a student's mistake is: the place in their code where one edit makes every check pass."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from grader.errors import GraderError, UsageError
from grader.faults import text_of
from grader.locating.located import SECONDS, Located
from grader.locating.places import region
from grader.mutation.repair_operators import ADDED, EXCHANGED, FORGOTTEN, LIKELIEST, OTHER_WORD, TERM
from grader.mutation.repairs import Repair, Span, repairs
from grader.results import Outcome
from grader.submission.model import NOT_WRITTEN, Problem, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from grader.course.model import Exercise
    from grader.grading import Grader
    from grader.locating.trials import Failing, Trials
    from grader.plugin.recorder import Example
    from grader.results import CheckResult
    from grader.sandbox.outside.session import Session
    from grader.submission.model import Submission


_TIERS = (
    (LIKELIEST, EXCHANGED, OTHER_WORD, FORGOTTEN),
    (ADDED,),
    (TERM,),
)  # the first that finds a place ends the search
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:e-?\d+)?(?![\w.])")
_EXPECTED = 1e-4  # a step of a loop that is as near is right, where its check says nothing else


def locate(
    grader: Grader,
    work: Submission,
    exercise: Exercise,
    seconds: float = SECONDS,
    finished: Callable[[str], None] = lambda _: None,
) -> Located:
    """Return where the mistake in an exercise is, as far as `seconds` of CPU time allow.

    `finished` is told of every check that the submission itself has been asked.

    Raises:
        UsageError: there is nothing to look for, or no code that could be edited.
        GraderError: a check broke.
    """
    if exercise.is_questions:
        raise UsageError(f"{exercise.name} are questions: there is no code to look at. `grade answer` shows them.")
    source = work.source_of(exercise)
    if isinstance(source, Problem):
        raise UsageError(source.sentence)
    with grader.judged(work, exercise, most_shrinks=0) as judge:
        from grader.locating.trials import Failing, Trials
        from grader.plugin.run import run_checks

        recorder = run_checks(judge, [exercise], lambda _, check: finished(check))
        results = recorder.results(exercise)
        session = judge.session(exercise)
        failed = _failed(exercise, results, session)
        assert session is not None
        examples = recorder.examples(exercise)
        first = min(failed, key=lambda check: _cost(check, examples[check.name]))
        example = examples[first.name]
        right = _right_questions(first, example)
        failing = Failing(first.name, example.calls, right, bool(right) and right == len(example.path))
        imported = Source(session.imported_files, source.modules)
        found: list[Span] = []
        home, searched_all = "", True
        for home in dict.fromkeys(source.modules.values()):
            trials = Trials(judge, exercise, imported, home, failing, seconds)
            found = _places(trials, imported, home, exercise, failing)
            searched_all = not trials.out_of_time
            if found:
                break
        return _located(exercise, failed[0], _right_steps(failed, examples), session, home, found, searched_all)


def _failed(exercise: Exercise, results: Sequence[CheckResult], session: Session | None) -> list[CheckResult]:
    """Return the checks that failed; raise `UsageError` if that is none, or if nothing was run."""
    failed = [check for check in results if check.outcome is Outcome.FAILED]
    broken = next((check for check in results if check.outcome is Outcome.ERROR), None)
    if not failed and broken is not None:
        raise GraderError(broken.message)
    if not failed:
        raise UsageError(f"{exercise.name}: all checks pass, so there is no mistake to look for.")
    unwritten = next((check for check in failed if check.message.endswith(NOT_WRITTEN)), None)
    if unwritten is not None:
        raise UsageError(unwritten.message)
    if session is None or not session.was_imported:
        raise UsageError(failed[0].message)
    return failed


def _places(trials: Trials, source: Source, home: str, exercise: Exercise, failing: Failing) -> list[Span]:
    """Return the places of a file where a repair of the likeliest kind makes every check pass."""
    text = source.files[home]
    names = [name for name, file in source.modules.items() if file == home]
    found: list[Span] = []
    known: list[Span] = []  # the region of those

    def is_known(repair: Repair) -> bool:
        return any(part.has(repair.place) for part in known)

    numbers = _numbers(exercise)

    def of_rank(rank: int) -> Iterable[Repair]:
        every = repairs(text, names, rank, numbers)
        return sorted(every, key=lambda repair: -repair.place.line) if failing.is_right_in_its_loop else every

    for tier in _TIERS:
        for repair in trials.passing((each for rank in tier for each in of_rank(rank)), is_known):
            found.append(repair.place)
            known[:] = [region(text, found).part]
        if found or trials.out_of_time:
            break
    return found


def _cost(check: CheckResult, example: Example) -> tuple[bool, float, bool, float]:
    """Return what it costs to try a check.

    A run that is cut short where it goes wrong costs least; then the time of the calls counts, in tenths of a second,
    and whether there are many.
    """
    seconds = sum(call.seconds for call in example.calls) or check.seconds
    return not (example.path and example.calls), round(seconds, 1), len(example.calls) != 1, check.seconds


def _numbers(exercise: Exercise) -> list[float]:
    """Return the numbers in the exercise's stub, each once."""
    try:
        text = text_of(exercise.stub)
    except OSError:
        return []
    found = dict.fromkeys(_NUMBER.findall(text))
    return [float(number) if set(number) & set(".e") else int(number) for number in found]


def _right_questions(check: CheckResult, example: Example) -> int | None:
    """Return how many questions to the model were right before the first wrong one, all of them if none was wrong."""
    if not example.path:
        return None
    accepted = (check.counterexample and check.counterexample.tolerance) or _EXPECTED
    wrong = (place for place, step in enumerate(example.path) if not step.distance <= accepted)
    return next(wrong, len(example.path))


def _right_steps(failed: Sequence[CheckResult], examples: Mapping[str, Example]) -> int | None:
    """Return how many steps of a loop are right before the first wrong one; None if no check tells."""
    for check in failed:
        example = examples[check.name]
        right = _right_questions(check, example) if check.visibility == "public" else None
        if right is not None and right < len(example.path):
            return right
    return None


def _located(
    exercise: Exercise,
    failed: CheckResult,
    right_steps: int | None,
    session: Session,
    home: str,
    found: Sequence[Span],
    searched_all: bool,
) -> Located:
    located = Located(exercise.name, failed.title, searched_all=searched_all, right_steps=right_steps)
    if not found:
        return located
    meant = region(session.imported_files[home], found)
    first, last = (session.in_place(home, line) for line in (meant.part.line, meant.part.last_line))
    return msgspec.structs.replace(located, file=first.file, line=first.line, last_line=last.line, code=meant.code)
