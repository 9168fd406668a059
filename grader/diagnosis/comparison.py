"""Whether two calls were answered alike, within the tolerances of checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from grader.checks import TOLERANCES, distance
from grader.sandbox.outside.failures import SubmissionError

if TYPE_CHECKING:
    from grader.sandbox.outside.transcript import CallRecord

_LOOSEST = max(TOLERANCES.values())


def same_answer(call: CallRecord, other: CallRecord) -> bool:
    """Tell whether two calls gave the same result, or raised the same error, and left their arguments alike."""
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
