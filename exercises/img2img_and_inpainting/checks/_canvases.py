"""Hypothesis strategies for pictures that are to grow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import torch
from hypothesis import strategies as st

from grader.checks.strategies import seeds

if TYPE_CHECKING:
    from PIL.Image import Image


Growth = Literal["none", "one side", "any"]

SIDES = ("left", "top", "right", "bottom")


class Canvas(NamedTuple):
    """An RGB `image`, the pixels it grows by on each side, and the `overlap` of the mask with the old picture."""

    image: Image
    left: int
    top: int
    right: int
    bottom: int
    overlap: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the canvas."""
        return self.image.width + self.left + self.right, self.image.height + self.top + self.bottom

    @property
    def old(self) -> tuple[slice, slice]:
        """The rows and the columns of the canvas in which the picture stands."""
        rows = slice(self.top, self.top + self.image.height)
        return rows, slice(self.left, self.left + self.image.width)


def make_image(width: int, height: int, seed: int = 0) -> Image:
    """Return an RGB image of random colours, none of them grey."""
    from PIL import Image

    generator = torch.Generator().manual_seed(seed)
    values = torch.randint(0, 256, (height, width, 3), generator=generator, dtype=torch.uint8)
    values[..., 0] = values[..., 0] // 4  # red is always less than green
    values[..., 1] = 128 + values[..., 1] // 2
    return Image.fromarray(np.asarray(values))


@st.composite
def canvases(
    draw: st.DrawFn, *, growth: Growth = "any", longest_side: int = 6, most: int = 4, overlaps: tuple[int, int] = (0, 3)
) -> Canvas:
    """Draw a `Canvas` that grows by at most `most` pixels on no side, one side, or any sides (perhaps none).

    The overlap lies between the two `overlaps` and may exceed the picture.
    """
    side = st.integers(1, longest_side)
    image = make_image(draw(side), draw(side), draw(seeds()))
    largest = most if growth == "any" else 0
    grown = {name: draw(st.integers(0, largest)) for name in SIDES}
    if growth == "one side":
        grown[draw(st.sampled_from(SIDES))] = draw(st.integers(1, most))
    return Canvas(image, **grown, overlap=draw(st.integers(*overlaps)))
