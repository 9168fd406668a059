"""Names the mistake behind a failed check: replays its calls on the exercise's wrong variants and compares.

A variant that gives the submission's own results on the failing input fails the same check, and is what the submission
does. Where several do, the calls of other examples tell them apart.
"""

from __future__ import annotations

import ast
import time
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import torch

from grader.checks import TOLERANCES, distance
from grader.results import Diagnosis
from grader.sandbox.session import SubmissionError, SubmissionStopped
from grader.submission import read_submission

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from grader.course import Exercise
    from grader.plugin.judge import Judge
    from grader.sandbox.session import CallRecord, Session

BUDGET_SECONDS = 10.0  # per exercise; variants that are not reached are not named
LEAST_AGREEMENT = 0.5
MOST_NAMED = 2
_LOOSEST = max(TOLERANCES.values())


def diagnose(
    judge: Judge, exercise: Exercise, failing: Mapping[str, Sequence[CallRecord]]
) -> dict[str, tuple[Diagnosis, ...]]:
    """Return, for every failed check, the known mistakes that give the submission's results, the closest first.

    `failing` maps the name of each failed check to the calls of its failing example. A check whose calls were stopped
    cannot be told from any other that is stopped, so nothing is said about it.
    """
    session = judge.session(exercise)
    told = {
        check: calls
        for check, calls in failing.items()
        if calls and not any(isinstance(call.error, SubmissionStopped) for call in calls)
    }
    if session is None or not told:
        return {}
    session.transcript.begin_example()
    sample = [call for call in session.transcript.sample if not isinstance(call.error, SubmissionStopped)]
    matches: dict[str, list[Diagnosis]] = {check: [] for check in told}
    until = time.monotonic() + BUDGET_SECONDS
    for variant in exercise.wrong:
        if time.monotonic() > until:
            break
        equal = _compare(judge, exercise, variant, told, sample)
        for check, agreement in equal.items():
            matches[check].append(msgspec.structs.replace(describe_variant(variant), agreement=agreement))
    return {check: _closest(found) for check, found in matches.items() if found}


def describe_variant(variant: Path) -> Diagnosis:
    """Return the misconception that a wrong variant's docstring names, its explanation, and its `CAUGHT_BY`."""
    tree = ast.parse(variant.read_text(encoding="utf-8"))
    title, _, explanation = (ast.get_docstring(tree) or variant.stem).strip().partition("\n")
    caught_by = ""
    for node in tree.body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["CAUGHT_BY"]:
            caught_by = str(ast.literal_eval(node.value))
    return Diagnosis(variant.stem, title.strip(), explanation.strip(), caught_by)


def _closest(found: list[Diagnosis]) -> tuple[Diagnosis, ...]:
    """Return the variants that agree everywhere if there are any, else those that mostly do, the closest first.

    Where many fit one input, the input tells nothing about the mistake, and naming them all would be guessing.
    """
    everywhere = [diagnosis for diagnosis in found if diagnosis.agreement == 1.0]
    mostly = [diagnosis for diagnosis in found if diagnosis.agreement >= LEAST_AGREEMENT]
    named = everywhere or sorted(mostly, key=lambda diagnosis: -diagnosis.agreement)
    return tuple(named) if len(named) <= MOST_NAMED else ()


def _compare(
    judge: Judge,
    exercise: Exercise,
    variant: Path,
    told: Mapping[str, Sequence[CallRecord]],
    sample: Sequence[CallRecord],
) -> dict[str, float]:
    """Return the checks on whose failing calls the variant equals the submission, with its agreement elsewhere."""
    session = judge.open_session(exercise, read_submission(variant))
    try:
        equal = [check for check, calls in told.items() if all(_replayed_equal(session, call) for call in calls)]
        if not equal:
            return {}
        agreeing = [_replayed_equal(session, call) for call in sample]
    except SubmissionStopped:
        return {}
    finally:
        session.close()
    agreement = sum(agreeing) / len(agreeing) if agreeing else 1.0
    return dict.fromkeys(equal, agreement)


def _replayed_equal(session: Session, call: CallRecord) -> bool:
    other = session.ask(call.question)
    if call.error is not None or other.error is not None:
        return _same_error(call.error, other.error)
    # What was done to the arguments counts to the bit: an input is untouched or it is not.
    changed = (list(call.arguments), dict(call.keywords)), (list(other.arguments), dict(other.keywords))
    return _same(call.result, other.result) and _same(*changed, to_the_bit=True)


def _same_error(first: BaseException | None, second: BaseException | None) -> bool:
    return (
        isinstance(first, SubmissionError)
        and isinstance(second, SubmissionError)
        and bool(first.error)
        and first.error == second.error
    )


def _same(first: Any, second: Any, *, to_the_bit: bool = False) -> bool:
    """Tell whether two values are equal within the tolerance that checks use, or to the bit; NaN equals NaN."""

    def same(one: Any, other: Any) -> bool:
        return _same(one, other, to_the_bit=to_the_bit)

    if isinstance(first, list | tuple) and isinstance(second, list | tuple):
        return len(first) == len(second) and all(map(same, first, second))
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(same(first[key], second[key]) for key in first)
    if isinstance(first, np.ndarray | np.generic) and isinstance(second, np.ndarray | np.generic):
        return same(torch.as_tensor(np.array(first)), torch.as_tensor(np.array(second)))
    if isinstance(first, torch.Tensor) and isinstance(second, torch.Tensor):
        return _same_tensor(first, second, to_the_bit=to_the_bit)
    if isinstance(first, float) and isinstance(second, float):
        return same(torch.tensor(first, dtype=torch.float64), torch.tensor(second, dtype=torch.float64))
    return type(first) is type(second) and bool(first == second)


def _same_tensor(first: torch.Tensor, second: torch.Tensor, *, to_the_bit: bool) -> bool:
    if first.shape != second.shape or first.dtype != second.dtype or first.requires_grad != second.requires_grad:
        return False
    if not _same(first.grad, second.grad, to_the_bit=to_the_bit):
        return False
    odd = [tensor.nan_to_num(nan=0.5, posinf=1.0, neginf=-1.0) * ~tensor.isfinite() for tensor in (first, second)]
    if not torch.equal(*odd):  # other places, or another kind, of what is not finite
        return False
    finite = first.isfinite()
    tolerance = 0.0 if to_the_bit else TOLERANCES.get(first.dtype, _LOOSEST)
    return distance(first[finite], second[finite]) <= tolerance
