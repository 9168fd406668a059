"""Names the mistake behind a failed check: replays its calls on the exercise's wrong variants and compares.

A variant that gives the submission's own results on the failing input fails the same check, and is what the submission
does. Where several do, the calls of other examples tell them apart.
"""

from __future__ import annotations

import ast
import hashlib
import time
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import torch

from grader import mistakes
from grader.checks import TOLERANCES, distance
from grader.course import tree_of
from grader.results import Diagnosis
from grader.sandbox.outside.failures import SubmissionError, SubmissionStopped
from grader.submission import read_submission

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from grader.course import Exercise
    from grader.plugin.judge import Judge
    from grader.sandbox.outside.session import Session
    from grader.sandbox.outside.transcript import CallRecord, Question

LEAST_AGREEMENT = 0.5
MOST_NAMED = 2
MOST_KEPT_BYTES = 256 * 2**20
_LOOSEST = max(TOLERANCES.values())


class Answers:
    """What wrong variants answered, kept for other submissions that fail on the same inputs."""

    def __init__(self) -> None:
        self._kept: dict[bytes, CallRecord] = {}
        self._bytes = 0

    def get(self, key: bytes) -> CallRecord | None:
        """Return the answer that was kept under a key, None if there is none."""
        return self._kept.get(key)

    def keep(self, key: bytes, answer: CallRecord) -> None:
        """Keep an answer, and forget all of them where they become too many."""
        size = len(answer.question.frame) + answer.answer_bytes
        if key in self._kept or isinstance(answer.error, SubmissionStopped) or size > MOST_KEPT_BYTES // 100:
            return
        if self._bytes + size > MOST_KEPT_BYTES:
            self._kept.clear()
            self._bytes = 0
        self._kept[key] = answer
        self._bytes += size


class _Variant:
    """A wrong variant that answers calls; its worker is started when one comes that it has not answered before."""

    def __init__(self, judge: Judge, exercise: Exercise, path: Path, answers: Answers) -> None:
        self._judge, self._exercise, self._path = judge, exercise, path
        self._answers = answers
        self._session: Session | None = None
        self._identity = f"{path} {path.stat().st_mtime_ns} {judge.call_seconds(exercise)}".encode()

    def close(self) -> None:
        """End the worker, if there is one."""
        if self._session is not None:
            self._session.close()

    def equals(self, calls: Sequence[CallRecord]) -> bool:
        """Tell whether it answers all the calls as they were answered."""
        return all(
            _equal(*pair) for example in _examples(calls) for pair in zip(example, self._replay(example), strict=True)
        )

    def agreement(self, calls: Sequence[CallRecord]) -> float:
        """Return the share of the calls that it answers as they were answered, 1 of none."""
        pairs = [pair for example in _examples(calls) for pair in zip(example, self._replay(example), strict=True)]
        return sum(_equal(*pair) for pair in pairs) / len(pairs) if pairs else 1.0

    def _replay(self, example: Sequence[CallRecord]) -> list[CallRecord]:
        # By all calls up to this one: what they did to an object in the worker decides what the next one finds there.
        keys, digest = [], hashlib.sha256(self._identity)
        for call in example:
            digest.update(call.question.frame)
            keys.append(digest.digest())
        known = [answer for key in keys if (answer := self._answers.get(key))]
        if len(known) < len(keys):
            known = [self._asked(call.question) for call in example]
            for key, answer in zip(keys, known, strict=True):
                self._answers.keep(key, answer)
        return known

    def _asked(self, question: Question) -> CallRecord:
        if self._session is None:
            self._session = self._judge.open_session(self._exercise, read_submission(self._path))
        return self._session.ask(question)


def _examples(calls: Sequence[CallRecord]) -> list[list[CallRecord]]:
    """Split calls where a new example begins."""
    examples: list[list[CallRecord]] = []
    for call in calls:
        if call.question.call.number == 1 or not examples:
            examples.append([])
        examples[-1].append(call)
    return examples


def diagnose(
    judge: Judge, exercise: Exercise, failing: Mapping[str, Sequence[CallRecord]], seconds: float, answers: Answers
) -> dict[str, tuple[Diagnosis, ...]]:
    """Return, for every failed check, the known mistakes that give the submission's results, the closest first.

    `failing` maps the name of each failed check to the calls of its failing example. Variants that are not reached
    within so many seconds are not named. A check whose calls were stopped
    cannot be told from any other that is stopped, so nothing is said about it.
    """
    session = judge.session(exercise)
    told = {
        check: calls
        for check, calls in failing.items()
        if calls and not any(isinstance(call.error, SubmissionStopped) or _is_unwritten(call) for call in calls)
    }
    if session is None or not told:
        return {}
    if exercise.mistakes is not None:
        recognised = mistakes.recognise(mistakes.read(exercise.mistakes), told)
        return {check: _closest(found) for check, found in recognised.items() if found}
    session.transcript.begin_example()
    sample = [call for call in session.transcript.sample if not isinstance(call.error, SubmissionStopped)]
    matches: dict[str, list[Diagnosis]] = {check: [] for check in told}
    until = time.monotonic() + seconds
    for variant in exercise.wrong:
        if time.monotonic() > until:
            break
        equal = _compare(_Variant(judge, exercise, variant, answers), told, sample)
        for check, agreement in equal.items():
            matches[check].append(msgspec.structs.replace(describe_variant(variant), agreement=agreement))
    return {check: _closest(found) for check, found in matches.items() if found}


def _is_unwritten(call: CallRecord) -> bool:
    """Tell whether a call met a stub that was left as it is, which no known mistake is."""
    return isinstance(call.error, SubmissionError) and call.error.error == "NotImplementedError"


def describe_variant(variant: Path) -> Diagnosis:
    """Return the misconception that a wrong variant's docstring names, its explanation, and its `CAUGHT_BY`."""
    tree = tree_of(variant)
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
    variant: _Variant, told: Mapping[str, Sequence[CallRecord]], sample: Sequence[CallRecord]
) -> dict[str, float]:
    """Return the checks on whose failing calls the variant equals the submission, with its agreement elsewhere."""
    try:
        equal = [check for check, calls in told.items() if variant.equals(calls)]
        return dict.fromkeys(equal, variant.agreement(sample)) if equal else {}
    except SubmissionStopped:
        return {}
    finally:
        variant.close()


def _equal(call: CallRecord, other: CallRecord) -> bool:
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

    if isinstance(first, torch.Generator) and isinstance(second, torch.Generator):
        first, second = first.get_state(), second.get_state()
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
