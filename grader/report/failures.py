"""Groups the failed checks of an exercise by what went wrong: every mistake is reported once, at its best example."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from grader.course.sources import QUESTIONS
from grader.results import Call, Outcome
from grader.submission.model import NOT_WRITTEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.results import CheckResult, Counterexample, Diagnosis, ExerciseResult

MOST_SHOWN = 3  # failures of an exercise: more at once helps nobody
_NOT_RUN = "Not run: "  # as `grader.sandbox.outside.session` says it
_ONE_LINE = 66  # characters of a call that is written on one line
_IN_A_PARAGRAPH = 100_000


class Failure(NamedTuple):
    """Something that went wrong: the check that shows it best, and a sentence on others that fail for the same reason.

    `others` is "" if there are none.
    """

    check: CheckResult
    others: str
    checks: int  # how many fail for this reason


def only_reason(exercise: ExerciseResult) -> CheckResult | None:
    """Return a check that stands for all, if all of them failed for one reason (not written yet, a syntax error).

    What is pending, such as a check on a real model, has no part in it.
    """
    ran = [check for check in exercise.checks if check.outcome is not Outcome.SKIPPED]
    all_failed = exercise.outcome is Outcome.FAILED and all(check.outcome is Outcome.FAILED for check in ran)
    # Of hidden checks a student may know no more than that they failed: that is not one reason.
    return ran[0] if all_failed and ran[0].message and len({check.message for check in ran}) == 1 else None


def none_passed(exercise: ExerciseResult) -> str:
    """Return a sentence on how many checks failed for the one reason that all of them have."""
    ran = sum(check.outcome is not Outcome.SKIPPED for check in exercise.checks)
    return f"None of its {ran} checks could pass." if ran > 1 else "Its check could not pass."


def unwritten(exercise: ExerciseResult) -> bool:
    """Tell whether the exercise is still the stub that everybody begins with, of one function or several."""
    ran = [check for check in exercise.checks if check.outcome is not Outcome.SKIPPED]
    return exercise.outcome is Outcome.FAILED and all(check.message.endswith(f"` {NOT_WRITTEN}") for check in ran)


def left_to_fill_in(exercise: ExerciseResult) -> str:
    """Return which blanks are left in an exercise that nobody has worked on, as sentences; "" for any other."""
    if not unwritten(exercise):
        return ""
    messages = (check.message.split("\n")[:-1] for check in exercise.checks)
    return " ".join(dict.fromkeys(line for lines in messages for line in lines))


def listed_checks(checks: Sequence[CheckResult]) -> Iterator[CheckResult]:
    """Yield the checks to list; pending ones that a student's copy knows by their criterion only are one together."""
    pending: set[str] = set()
    for check in checks:
        if check.outcome is Outcome.SKIPPED and check.title in pending:
            continue
        if check.outcome is Outcome.SKIPPED:
            pending.add(check.title)
        yield check


def failures(checks: Sequence[CheckResult]) -> list[Failure]:
    """Return what went wrong in the checks that did not pass, what helps most first.

    A hidden check of which a student may know no more than that it failed is left to the list of checks.
    A crash comes before a known mistake: nothing else can be looked at. Then come the more specific checks, which few
    known mistakes fail: what says "the result must be that of the pipeline" is true of all of them.
    """
    found: dict[object, list[CheckResult]] = {}
    for check in checks:
        if check.outcome in (Outcome.FAILED, Outcome.ERROR) and (check.message or check.diagnosis):
            found.setdefault(_reason(check), []).append(check)
    return [_failure(group) for group in sorted(found.values(), key=lambda group: min(map(rank, group)))]


def rank(check: CheckResult) -> tuple[bool, bool, bool, float]:
    """Return where a failed check belongs among others: the smaller, the earlier it is to be read.

    A check that was not run, because calls of others had taken all the time, says nothing by itself. Of those that
    crashed none is more specific than another: the first in the list is the simplest.
    """
    not_run = check.crashed and check.message.startswith(_NOT_RUN)
    breadth = 1.0 if check.breadth is None or check.crashed else check.breadth
    return not_run, not check.crashed, not check.diagnosis, breadth


def failures_to_show(checks: Sequence[CheckResult]) -> tuple[list[Failure], str]:
    """Return as many failures as help at once, and a sentence on how many are left out ("" if none are)."""
    found = failures(checks)
    left_out = sum(failure.checks for failure in found[MOST_SHOWN:])
    rest = (
        f"{left_out} more check{'s' if left_out > 1 else ''} failed in other ways: see the list above."
        if left_out
        else ""
    )
    return found[:MOST_SHOWN], rest


def how_to_see_it_again(exercise: ExerciseResult) -> str:
    """Return the command that shows the failures of public checks on the same inputs, "" where `grade NAME` does.

    Nothing is drawn for questions.
    """
    failed = any(check.outcome is Outcome.FAILED and check.visibility == "public" for check in exercise.checks)
    if exercise.seed is None or not failed or exercise.name == QUESTIONS:
        return ""
    return f"To see this on your own computer: `grade {exercise.name} --seed {exercise.seed}`"


def evidence(found: Counterexample | None, *, compact: bool = False) -> Iterator[tuple[str, str]]:
    """Yield what a counterexample shows, as labels and texts, `compact` in fewer lines."""
    if found is None:
        return
    yield from _calls(found, _IN_A_PARAGRAPH if compact else _ONE_LINE)
    yield from findings(found, compact=compact)


def findings(found: Counterexample, *, compact: bool = False) -> Iterator[tuple[str, str]]:
    """Yield what came of the last call, as labels and texts."""
    if found.expected is not None:
        yield "expected", found.expected
    if found.actual is not None:
        yield "yours", found.actual
    if found.where is not None:
        first = found.where.startswith("first at ")  # of numbers that are not finite, no one is the worst
        yield ("first at", found.where.removeprefix("first at ")) if first else ("worst at", found.where)
    yield from (("how", sentence) for sentence in found.how)
    if found.difference is not None and found.tolerance:
        measure = "" if compact else ", relative to the largest number expected (at least 1)"
        yield "difference", f"{found.difference:.3g}{measure}; up to {found.tolerance:.3g} is accepted"
    if found.printed.strip():
        yield "printed", found.printed.rstrip()


def _calls(found: Counterexample, longest: int) -> Iterator[tuple[str, str]]:
    """Yield the calls; of one that repeats another, only what is different about it."""
    if not found.calls:  # a result of an earlier version
        *first, then = found.call.split("\n")
        yield from (("first", line) for line in first)
        yield "then" if first else "input", written_call(Call(then.partition("(")[0], found.arguments), longest)
    before: Call | None = None
    for number, call in enumerate(found.calls, start=1):
        if before is None or before.function != call.function:
            text = written_call(call, longest)
        elif call.changed:
            text = "the same, but " + ", ".join(f"{name}={call.arguments[name]}" for name in call.changed)
        else:
            text = "the same again"
        last = number == len(found.calls)
        if call.result is not None and not (last and found.actual is not None):
            text += f"\ngave {call.result}"
        yield "input" if last and before is None else f"call {number}", text
        before = call


def written_call(call: Call, longest: int = _ONE_LINE) -> str:
    """Return a call as it is written in Python, on one line if that is not longer than `longest`."""
    arguments = [f"{name}={text}" for name, text in call.arguments.items()]
    line = f"{call.function}({', '.join(arguments)})"
    if len(line) <= longest:
        return line
    return f"{call.function}(" + ",".join(f"\n    {argument}" for argument in arguments) + ")"


def diagnosis_introduction(diagnoses: Sequence[Diagnosis]) -> str:
    """Return the sentence that introduces known mistakes; there must be at least one."""
    if diagnoses[0].agreement < 1:
        return (
            "On this input, your result is what this mistake produces; on other inputs it is not, so there may be more "
            "to it:"
        )
    if len(diagnoses) == 1:
        return "Your result is exactly what this mistake produces:"
    return (
        f"Your result is exactly what each of these {len(diagnoses)} mistakes produces. This input cannot tell which "
        "of them is yours:"
    )


def _failure(group: Sequence[CheckResult]) -> Failure:
    best = min(
        group,
        key=lambda check: (
            not check.message,  # a hidden check of which a student may not read more shows nothing
            check.name not in {diagnosis.caught_by for diagnosis in check.diagnosis},
            check.visibility == "hidden" and check.counterexample is None,  # which may have been taken out of it
            _length(check),
        ),
    )
    others = len(group) - 1
    if not others:
        return Failure(best, "", 1)
    what = "mistake" if best.diagnosis else "problem"
    return Failure(best, f"The same {what} fails {others} more check{'s' if others > 1 else ''}.", len(group))


def _reason(check: CheckResult) -> object:
    """Return what checks that failed for one reason share: the known mistakes, else the message without its numbers."""
    if check.diagnosis:
        return tuple(diagnosis.variant for diagnosis in check.diagnosis)
    return re.sub(r"[-\d.,\s\[\]]+", " ", check.message)


def _length(check: CheckResult) -> int:
    return len(check.counterexample.call) if check.counterexample else 0


def points(number: float) -> str:
    """Return a number of points without needless decimals."""
    return f"{number:g}"
