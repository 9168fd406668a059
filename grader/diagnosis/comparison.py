"""Whether two calls were answered alike, within the tolerances of checks."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image

from grader.checks import TOLERANCES, distance
from grader.checks.images import LEVELS
from grader.diagnosis.meaning import are_names, entries, is_plain_number, number, raised

if TYPE_CHECKING:
    from grader.sandbox.outside.transcript import CallRecord

_LOOSEST = max(TOLERANCES.values())


def same_answer(call: CallRecord, known: CallRecord, *, to_the_bit: bool = False) -> bool:
    """Tell whether a call gave the same result, or raised the same error, and left its arguments alike, as a known one.

    Both were asked the same question. Within the tolerance of checks, or `to_the_bit`.
    """
    if call.error is not None or known.error is not None:
        error = raised(call.error)
        return error is not None and error == raised(known.error)
    if not _same(call.result, known.result, to_the_bit=to_the_bit):
        return False
    before, named = call.question.arguments() if call.arguments or call.keywords else ((), {})
    alike = partial(_left_alike, to_the_bit=to_the_bit)
    return all(map(alike, call.arguments, known.arguments, before)) and all(
        alike(call.keywords[name], known.keywords[name], named[name]) for name in call.keywords
    )


def _left_alike(first: Any, second: Any, before: Any, *, to_the_bit: bool) -> bool:
    """Tell whether an argument is the same after two calls; to have changed it at all is a difference of its own."""
    if _same(first, second, to_the_bit=True):
        return True
    changed = [not _same(value, before, to_the_bit=True) for value in (first, second)]
    return all(changed) and not to_the_bit and _same(first, second)


def _same(value: Any, known: Any, *, to_the_bit: bool = False) -> bool:
    """Tell whether a value equals a known one within the tolerance that checks use, or to the bit; NaN equals NaN.

    Where the known one is a number of Python, the value may be a number of any other type.
    """

    def same(one: Any, other: Any) -> bool:
        return _same(one, other, to_the_bit=to_the_bit)

    value, known = _opened(value, known)
    if are_names(value) and are_names(known):
        return type(value) is type(known) and sorted(value) == sorted(known)
    if isinstance(value, list | tuple) and isinstance(known, list | tuple):
        return len(value) == len(known) and all(map(same, value, known))
    if isinstance(value, dict) and isinstance(known, dict):
        return value.keys() == known.keys() and all(same(value[key], known[key]) for key in value)
    return _same_leaf(value, known, to_the_bit=to_the_bit)


def _opened(value: Any, known: Any) -> tuple[Any, Any]:
    """Return two values as what is in them: the state of a generator, the tensors of a file, those of NumPy's arrays.

    Only if both have it: else they differ in kind.
    """
    if isinstance(value, torch.Generator) and isinstance(known, torch.Generator):
        return value.get_state(), known.get_state()
    files = entries(value), entries(known)
    if None not in files:
        return files
    if isinstance(value, np.ndarray | np.generic) and isinstance(known, np.ndarray | np.generic):
        return torch.as_tensor(np.array(value)), torch.as_tensor(np.array(known))
    return value, known


def _same_leaf(value: Any, known: Any, *, to_the_bit: bool) -> bool:
    if is_plain_number(known) and (found := number(value)) is not None:
        return _same_number(found, known, exactly=to_the_bit or (isinstance(value, int) and isinstance(known, int)))
    if isinstance(value, Image.Image) and isinstance(known, Image.Image):
        return _same_picture(value, known, to_the_bit=to_the_bit)
    if isinstance(value, torch.Tensor) and isinstance(known, torch.Tensor):
        return _same_tensor(value, known, to_the_bit=to_the_bit)
    return type(value) is type(known) and bool(value == known)


def _same_number(value: torch.Tensor, known: float, *, exactly: bool) -> bool:
    tolerance = 0.0 if exactly else TOLERANCES.get(value.dtype, _LOOSEST)
    return _close(value.double(), torch.tensor(known, dtype=torch.float64), tolerance)


def _same_picture(value: Image.Image, known: Image.Image, *, to_the_bit: bool) -> bool:
    if value.size != known.size or value.mode != known.mode:
        return False
    levels = [torch.from_numpy(np.array(image)).to(torch.int64) for image in (value, known)]
    most = 0 if to_the_bit or value.mode not in ("L", "RGB") else LEVELS
    return not levels[0].numel() or int((levels[0] - levels[1]).abs().max()) <= most


def _same_tensor(value: torch.Tensor, known: torch.Tensor, *, to_the_bit: bool) -> bool:
    if value.shape != known.shape or value.dtype != known.dtype or value.requires_grad != known.requires_grad:
        return False
    if not _same(value.grad, known.grad, to_the_bit=to_the_bit):
        return False
    if value.is_complex():
        value, known = torch.view_as_real(value.detach()), torch.view_as_real(known.detach())
    return _close(value, known, 0.0 if to_the_bit else TOLERANCES.get(value.dtype, _LOOSEST))


def _close(value: torch.Tensor, known: torch.Tensor, tolerance: float) -> bool:
    odd = [tensor.nan_to_num(nan=0.5, posinf=1.0, neginf=-1.0) * ~tensor.isfinite() for tensor in (value, known)]
    if not torch.equal(*odd):  # other places, or another kind, of what is not finite
        return False
    finite = value.isfinite()
    return distance(value[finite], known[finite]) <= tolerance
