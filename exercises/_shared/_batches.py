"""Batches taken apart and put together: how many pictures come at once must not matter to a mean."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exercises._shared._training import Batch


def joined(batches: Sequence[Batch]) -> Batch:
    """Return several batches as one."""
    return {name: torch.cat([batch[name] for batch in batches]) for name in batches[0]}


def in_batches(whole: Batch, sizes: Sequence[int]) -> list[Batch]:
    """Return a batch as several ones of these sizes."""
    ends = list(accumulate(sizes))
    return [
        {name: value[end - size : end].clone() for name, value in whole.items()}
        for size, end in zip(sizes, ends, strict=True)
    ]
