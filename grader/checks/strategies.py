"""Hypothesis strategies for the inputs of exercises, which shrink to small shapes, seed 0 and float32."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Sequence


Shape = tuple[int, ...]

SHAPES: tuple[Shape, ...] = ((1,), (3,), (2, 3), (3, 1), (2, 1, 3), (1, 2, 3, 2), (2, 3, 4, 4))
DTYPES = (torch.float32, torch.float64)


def seeds() -> st.SearchStrategy[int]:
    """Draw small seeds for `random_tensors`."""
    return st.integers(0, 999)


def dtypes() -> st.SearchStrategy[torch.dtype]:
    """Draw float32 or float64."""
    return st.sampled_from(DTYPES)


def shapes(choices: Sequence[Shape] = SHAPES) -> st.SearchStrategy[Shape]:
    """Draw one of `choices` (smallest first), by default of one to four dimensions, at most 96 numbers."""
    return st.sampled_from(choices)


def random_tensors(
    count: int, shape: Shape, dtype: torch.dtype, seed: int, *, decimals: int | None = 2
) -> list[torch.Tensor]:
    """Return `count` tensors of standard normal numbers, by default of two decimals for people to read.

    With `decimals=None` they have all the digits of their dtype.
    """
    generator = torch.Generator().manual_seed(seed)
    drawn = [torch.randn(shape, generator=generator, dtype=torch.float64) for _ in range(count)]
    return [(tensor if decimals is None else tensor.round(decimals=decimals)).to(dtype) for tensor in drawn]
