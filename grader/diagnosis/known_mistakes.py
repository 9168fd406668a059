"""Names the mistake behind a failed check: the wrong variant that gives the submission's own answers to its calls.

Such a variant fails the same check, and so shows what the submission does. Where several variants do, the calls of
other examples decide between them.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from grader.diagnosis import recorded
from grader.diagnosis.replay import Variant, compare
from grader.diagnosis.variants import describe_variant
from grader.sandbox.outside.failures import SubmissionError, SubmissionStopped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grader.course.model import Exercise
    from grader.diagnosis.replay import Answers
    from grader.plugin.judge import Judge
    from grader.results import Diagnosis
    from grader.sandbox.outside.transcript import CallRecord

LEAST_AGREEMENT = 0.5
MOST_NAMED = 2


def diagnose(
    judge: Judge, exercise: Exercise, failing: Mapping[str, Sequence[CallRecord]], seconds: float, answers: Answers
) -> dict[str, tuple[Diagnosis, ...]]:
    """Return, for every failed check, the known mistakes that give the submission's results, the closest first.

    `failing` maps the name of each failed check to the calls of its failing example. Variants that are not reached
    within `seconds` are not named. Nothing is said about a check whose calls were stopped: many mistakes may end so.
    """
    session = judge.session(exercise)
    diagnosable = {
        check: calls
        for check, calls in failing.items()
        if calls and not any(isinstance(call.error, SubmissionStopped) or _is_unwritten(call) for call in calls)
    }
    if session is None or not diagnosable:
        return {}
    if exercise.mistakes is not None:
        recognised = recorded.recognise(recorded.read(exercise.mistakes), diagnosable)
        return {check: _closest(found) for check, found in recognised.items() if found}
    session.transcript.begin_example()
    sample = [call for call in session.transcript.sample if not isinstance(call.error, SubmissionStopped)]
    matches: dict[str, list[Diagnosis]] = {check: [] for check in diagnosable}
    until = time.monotonic() + seconds
    for variant in exercise.wrong:
        if time.monotonic() > until:
            break
        equal = compare(Variant(judge, exercise, variant, answers), diagnosable, sample)
        for check, agreement in equal.items():
            matches[check].append(msgspec.structs.replace(describe_variant(variant), agreement=agreement))
    return {check: _closest(found) for check, found in matches.items() if found}


def _is_unwritten(call: CallRecord) -> bool:
    """Tell whether a call reached a stub that was left as it is, which is not a known mistake."""
    return isinstance(call.error, SubmissionError) and call.error.error == "NotImplementedError"


def _closest(found: list[Diagnosis]) -> tuple[Diagnosis, ...]:
    """Return the variants that agree everywhere if there are any, else those that mostly do, the closest first.

    Where many fit one input, the input says nothing about the mistake, and naming them all would be guessing.
    """
    everywhere = [diagnosis for diagnosis in found if diagnosis.agreement == 1.0]
    mostly = [diagnosis for diagnosis in found if diagnosis.agreement >= LEAST_AGREEMENT]
    named = everywhere or sorted(mostly, key=lambda diagnosis: -diagnosis.agreement)
    return tuple(named) if len(named) <= MOST_NAMED else ()
