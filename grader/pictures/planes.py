"""Tells which values can be seen as pictures, and turns them into arrays that can be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST_SIDE = 4  # rows and columns: what is smaller is read faster as numbers
MOST_SIDE = 1024
MOST_CHANNELS = 8
_MOST = 1e12  # what is larger, and infinity, are drawn as this
_SLACK = 0.05  # by which numbers of a picture may leave their range


class Planes(NamedTuple):
    """Numbers `[channels, rows, columns]` of one entry of a batch; `colour` tells that they are red, green and blue."""

    numbers: NDArray[np.float64]
    colour: bool

    def picture(self) -> NDArray[np.float64]:
        """Return colours `[rows, columns, 3]` from 0 to 1; only for `colour`."""
        numbers = np.moveaxis(self.numbers, 0, -1)
        if numbers.max(initial=0) > 1 + _SLACK and numbers.min(initial=0) >= 0:
            numbers = numbers / 255
        elif numbers.min(initial=0) < -_SLACK:
            numbers = (numbers + 1) / 2
        return np.clip(numbers, 0, 1)


def planes_of(value: Any, entry: int = 0, least_side: int = LEAST_SIDE) -> Planes | None:
    """Return a value as planes, None if it is nothing to look at; of a batch `[B, C, H, W]`, one entry.

    Images and the pixels of images may be of any size, other tensors have `least_side` rows and columns at least.
    """
    if isinstance(value, Image.Image):
        return Planes(np.moveaxis(np.asarray(value.convert("RGB"), dtype=np.float64), -1, 0), True)
    if not isinstance(value, torch.Tensor) or value.is_complex() or value.layout is not torch.strided:
        return None
    tensor = value.detach()
    if tensor.ndim == 3 and tensor.shape[-1] == 3 and tensor.dtype == torch.uint8:  # noqa: PLR2004 - [H, W, RGB]
        tensor, least_side = tensor.movedim(-1, 0), 1
    elif tensor.ndim == 4:  # noqa: PLR2004 - [B, C, H, W]
        tensor = tensor[entry] if entry < len(tensor) else tensor[:0]
    elif tensor.ndim == 2:  # noqa: PLR2004 - [H, W]
        tensor = tensor[None]
    if tensor.ndim != 3 or not _can_be_seen(tensor, least_side):  # noqa: PLR2004 - [C, H, W]
        return None
    numbers = tensor.to(torch.float64).numpy()
    return Planes(np.clip(np.nan_to_num(numbers), -_MOST, _MOST), _is_colour(tensor))


def entry_to_show(actual: torch.Tensor, expected: torch.Tensor) -> int:
    """Return the entry of a batch `[B, C, H, W]` that differs most, 0 for anything else."""
    if expected.ndim != 4 or actual.shape != expected.shape or not expected.numel():  # noqa: PLR2004
        return 0
    difference = (actual.double() - expected.double()).abs().nan_to_num(nan=float("inf"))
    return int(difference.flatten(1).amax(dim=1).argmax())


def _can_be_seen(tensor: torch.Tensor, least_side: int) -> bool:
    channels, rows, columns = tensor.shape
    return 0 < channels <= MOST_CHANNELS and all(least_side <= side <= MOST_SIDE for side in (rows, columns))


def _is_colour(tensor: torch.Tensor) -> bool:
    """Tell whether three channels are colours, by the range of their numbers."""
    if len(tensor) != 3 or not bool(tensor.isfinite().all()):  # noqa: PLR2004 - red, green and blue
        return False
    least, most = float(tensor.min()), float(tensor.max())
    return tensor.dtype == torch.uint8 or (least >= -1 - _SLACK and most <= 1 + _SLACK)
