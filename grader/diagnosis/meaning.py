"""What an answer means, whatever form it has: the tensors in a file, the value of a number, the type of an error."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
import torch

from grader.sandbox.outside.failures import SubmissionError

_NUMBERS = re.compile(r"[-+]?\d[\d.,]*(?:e[-+]?\d+)?")


class Raised(NamedTuple):
    """An exception of a submission: its class name, and what was said, without its numbers."""

    error: str
    said: str


def raised(error: BaseException | None) -> Raised | None:
    """Return what kind of exception ended a call, None if it has no name, such as a result that cannot be sent."""
    if not isinstance(error, SubmissionError) or not error.error:
        return None
    return Raised(error.error, _NUMBERS.sub("#", error.sentence))


def number(value: Any) -> torch.Tensor | None:
    """Return a real number as a tensor without dimensions: a Python number, NumPy's, or such a tensor. None for others.

    True and False are not numbers here: whoever returns one does not mean 1 or 0.
    """
    if isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool):
        return torch.tensor(float(value), dtype=torch.float64)
    if isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "iuf":
        return torch.tensor(float(value), dtype=torch.float64)
    if isinstance(value, torch.Tensor) and value.ndim == 0 and value.dtype is not torch.bool and not value.is_complex():
        return value.detach()
    return None


def is_plain_number(value: Any) -> bool:
    """Tell whether a value is a number of Python."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def entries(value: Any) -> dict[str, torch.Tensor] | None:
    """Return the tensors of a safetensors file that came as bytes (a flat array of uint8), None for other values."""
    if not isinstance(value, np.ndarray) or value.dtype != np.uint8 or value.ndim != 1:
        return None
    from safetensors.torch import load

    try:
        return dict(load(value.tobytes()))
    except Exception:  # whatever hostile bytes lead to inside the library: they are just bytes then
        return None


def are_names(value: Any) -> bool:
    """Tell whether a value is a list of strings, whose order means nothing: a list of names."""
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(item, str) for item in value)
