"""Names the mistake behind a failed check: the wrong variant that gives the submission's own answers to its calls.

Such a variant fails the same check, and so shows what the submission does. Where several variants do, the calls of
other examples decide between them. A variant that fails a check which the submission passes is never named.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from grader.diagnosis import recorded
from grader.diagnosis.replay import Answers, Budget, Replayed, compare
from grader.diagnosis.unseeded import UNSEEDED, is_unseeded
from grader.diagnosis.variants import describe_variant
from grader.sandbox.outside.failures import SubmissionError, SubmissionStopped
from grader.submission.reading import read_submission

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from grader.course.model import Exercise
    from grader.plugin.judge import Judge
    from grader.results import Diagnosis
    from grader.sandbox.outside.session import Session
    from grader.sandbox.outside.transcript import CallRecord

LEAST_AGREEMENT = 0.5
MOST_NAMED = 2


class Failures(NamedTuple):
    """How a submission fared: the calls of failing examples, by check, and the checks that failed and that passed."""

    calls: Mapping[str, Sequence[CallRecord]]
    failed: frozenset[str]
    passed: frozenset[str]


def diagnose(
    judge: Judge, exercise: Exercise, failures: Failures, seconds: float, answers: Answers
) -> dict[str, tuple[Diagnosis, ...]]:
    """Return, for every failed check, the known mistakes that give the submission's results, the closest first.

    Variants that are not reached within `seconds` of CPU time are not named. Nothing is said about a check whose calls
    were stopped: many mistakes may end so.
    """
    session = judge.session(exercise)
    failing = {
        check: calls
        for check, calls in failures.calls.items()
        if calls and not any(isinstance(call.error, SubmissionStopped) or _is_unwritten(call) for call in calls)
    }
    if session is None or not failing:
        return {}
    if exercise.mistakes is not None:
        return closest(recorded.recognise(recorded.read(exercise.mistakes), failing, failures.passed))
    budget = Budget(seconds)
    named = _replayed(judge, exercise, failures._replace(calls=failing), session, budget, answers)
    for check, calls in failing.items():
        if not named.get(check) and is_unseeded(judge, exercise, calls, budget):
            named[check] = (UNSEEDED,)
    return {check: found for check, found in named.items() if found}


def _replayed(
    judge: Judge, exercise: Exercise, failures: Failures, session: Session, budget: Budget, answers: Answers
) -> dict[str, tuple[Diagnosis, ...]]:
    """Return the wrong variants that answer as the submission did, when they are asked the same."""
    session.transcript.begin_example()
    sample = [call for call in session.transcript.sample if not isinstance(call.error, SubmissionStopped)]

    @cache
    def right(check: str) -> Sequence[CallRecord]:
        if exercise.solution is None:
            return ()
        with Replayed(judge, exercise, read_submission(exercise.solution), answers, budget) as solution:
            return solution.answers(failures.calls[check])

    matches: dict[str, list[Diagnosis]] = {check: [] for check in failures.calls}
    for path, described in _likely(exercise, failures):
        if budget.is_spent:
            break
        variant = Replayed(judge, exercise, read_submission(path), answers, budget)
        for check, agreement in compare(variant, failures.calls, right, sample).items():
            matches[check].append(msgspec.structs.replace(described, agreement=agreement))
    return closest(matches)


def _likely(exercise: Exercise, failures: Failures) -> Iterable[tuple[Path, Diagnosis]]:
    """Return the variants that fail no check that passed, the likeliest first.

    That is, those which fail the same checks as the submission, and then those whose own check failed.
    """
    fails = recorded.fails(exercise.recorded_mistakes)
    described = [(path, describe_variant(path)) for path in exercise.wrong]
    possible = [
        (path, variant)
        for path, variant in described
        if failures.passed.isdisjoint({variant.caught_by, *fails.get(variant.variant, ())})
    ]

    def unlikely(pair: tuple[Path, Diagnosis]) -> tuple[bool, bool]:
        variant = pair[1]
        return set(fails.get(variant.variant, ())) != failures.failed, variant.caught_by not in failures.failed

    return sorted(possible, key=unlikely)


def _is_unwritten(call: CallRecord) -> bool:
    """Tell whether a call reached a stub that was left as it is, which is not a known mistake."""
    return isinstance(call.error, SubmissionError) and call.error.error == "NotImplementedError"


def closest(matches: Mapping[str, Sequence[Diagnosis]]) -> dict[str, tuple[Diagnosis, ...]]:
    """Return the variants that agree everywhere if there are any, else the one that does mostly.

    On an input of one place, or on a square one, two mistakes may give the same result: those that explain the most
    failed checks remain. Where many fit one input, it says nothing about the mistake, and naming them all would be
    guessing.

    One that agrees only mostly, because there is more than one mistake, must explain the check that is about it. Of
    several, the closest is named, and none of those that are equally close: other inputs have contradicted them all.
    """
    explained = {(diagnosis.variant, check) for check, found in matches.items() for diagnosis in found}
    explains = Counter(variant for variant, _ in explained)
    named = {}
    for check, found in matches.items():
        everywhere = [diagnosis for diagnosis in found if diagnosis.agreement == 1.0]
        mostly = [
            diagnosis
            for diagnosis in found
            if diagnosis.agreement >= LEAST_AGREEMENT and (diagnosis.variant, diagnosis.caught_by) in explained
        ]
        likely = everywhere or mostly
        most = max((explains[diagnosis.variant] for diagnosis in likely), default=0)
        likely = [diagnosis for diagnosis in likely if explains[diagnosis.variant] == most]
        closest_is = max((diagnosis.agreement for diagnosis in likely), default=0.0)
        best = tuple(diagnosis for diagnosis in likely if diagnosis.agreement == closest_is)
        named[check] = best if len(best) <= (MOST_NAMED if everywhere else 1) else ()
    return named
