"""Hypothesis strategies for masks and what they are made of, which shrink to small pictures and simple masks."""

from __future__ import annotations

from typing import Literal, NamedTuple

import torch
from hypothesis import strategies as st

from grader.checks.strategies import dtypes, random_tensors, seeds

Mask = Literal["soft", "full", "empty"]


class Blend(NamedTuple):
    """Two pictures `[B, C, h, w]`, and a `mask` `[1, 1, h, w]` that says how much of the first one counts."""

    mask: torch.Tensor
    denoised: torch.Tensor
    original: torch.Tensor


@st.composite
def blends(draw: st.DrawFn, *, kind: Mask = "soft", longest_side: int = 4, fewest: int = 1) -> Blend:
    """Draw a `Blend` whose mask is of the given kind, as `make_mask` has them, on pictures of `fewest` places or more.

    Batch and channels are drawn independently of each other. A third of the pictures are one column of two or
    more places, where a mask that has lost a dimension no longer fits, and a third are squares, where a mask that
    is turned over still does. The pictures' numbers are of the order of 1 or of 100.
    """
    side = st.integers(1, longest_side)
    batch, channels = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    form, height, width = draw(st.sampled_from(("any", "column", "square"))), draw(side), draw(side)
    if form != "any":
        height, width = max(height, 2), (1 if form == "column" else max(height, 2))
    if height * width < fewest:
        width = fewest
    dtype, seed = draw(dtypes()), draw(seeds())
    scale = draw(st.sampled_from((1, 100)))
    denoised, original = (scale * t for t in random_tensors(2, (batch, channels, height, width), dtype, seed))
    return Blend(make_mask(kind, height, width, seed).to(dtype), denoised, original)


def make_mask(kind: Mask, height: int, width: int, seed: int = 0) -> torch.Tensor:
    """Return a mask `[1, 1, height, width]` in float64: "full" (ones), "empty" (zeros) or "soft".

    A soft one has numbers from 0 to 1, the ends included, and starts with one below a half, one above a half,
    0.01 and 0.99 (as far as there is room), to tell apart what may be done wrong with soft places.
    """
    if kind == "full":
        return torch.ones(1, 1, height, width, dtype=torch.float64)
    if kind == "empty":
        return torch.zeros(1, 1, height, width, dtype=torch.float64)
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.rand((1, 1, height, width), generator=generator, dtype=torch.float64)
    mask = (1.4 * drawn - 0.2).clamp(0.0, 1.0)
    low, high = (0.1 + 0.3 * drawn.flatten()[[0, -1]]).tolist()
    first = torch.tensor([low, 0.5 + high, 0.01, 0.99], dtype=torch.float64)[: mask.numel()]
    mask.view(-1)[:4] = first
    return mask.round(decimals=2)


Place = Literal["inside", "over", "outside"]

SCALE_FACTORS = (1, 2, 3, 4, 5, 8)
HALF = 0.5


class Box(NamedTuple):
    """A `box` (left, top, right, bottom) on a picture of `height` by `width`, and the `padding` it grows by."""

    height: int
    width: int
    box: tuple[int, int, int, int]
    padding: int


class Feather(NamedTuple):
    """A `mask` `[1, 1, H, W]` and the `radius` of its soft edge."""

    mask: torch.Tensor
    radius: int


class Pixels(NamedTuple):
    """A `mask` `[1, 1, H, W]` of pixels, and the `scale_factor` that divides both of its sizes."""

    mask: torch.Tensor
    scale_factor: int


class Decided(NamedTuple):
    """A `mask` of pixels made for a `latent` mask of ones and zeros, which the top-left pixel of each cell says."""

    mask: torch.Tensor
    scale_factor: int
    latent: torch.Tensor


def _span(draw: st.DrawFn, size: int, place: Place, reach: int) -> tuple[int, int]:
    """Draw where a box of one row or more starts and ends along one side of the picture."""
    if place == "inside":
        start = draw(st.integers(0, size - 1))
        return start, draw(st.integers(start + 1, size))
    if place == "outside":
        length, gap = draw(st.integers(1, reach)), draw(st.integers(0, reach))
        return (size + gap, size + gap + length) if draw(st.booleans()) else (-gap - length, -gap)
    return draw(st.integers(-reach, size - 1)), draw(st.integers(1, size + reach))


@st.composite
def boxes(
    draw: st.DrawFn, *, place: Place = "inside", padding: int | None = 0, longest_side: int = 8, reach: int = 4
) -> Box:
    """Draw a `Box` inside the picture, "over" its border (or up to it), or wholly "outside".

    It lies at most `reach` rows or columns beyond the border before it grows. With `padding=None` the padding is
    drawn up to `reach` as well.
    """
    side = st.integers(2, longest_side) | st.just(1)  # shrinks to 2: a picture of one pixel tells little
    height, width = draw(side), draw(side)
    beyond: list[Place] = [place, place]
    if place == "outside":  # one direction is enough to be outside
        beyond[draw(st.integers(0, 1))] = draw(st.sampled_from(("inside", "outside")))
    top, bottom = _span(draw, height, beyond[0], reach)
    left, right = _span(draw, width, beyond[1], reach)
    top, bottom = min(top, bottom - 1), max(bottom, top + 1)
    left, right = min(left, right - 1), max(right, left + 1)
    # Shrinks to 2: what halves a padding of 1 looks like what forgets two sides.
    grown = draw(st.integers(2, reach) | st.just(1)) if padding is None else padding
    return Box(height, width, (left, top, right, bottom), grown)


@st.composite
def feathers(
    draw: st.DrawFn, *, shortest_side: int = 1, longest_side: int = 7, most: int = 4, least: int = 1
) -> Feather:
    """Draw a `Feather`: a mask of ones and zeros in a third of the cases, else a soft one, a radius of `least` up."""
    side = st.integers(shortest_side, longest_side)
    height, width, radius = draw(side), draw(side), draw(st.integers(least, most))
    dtype, seed = draw(dtypes()), draw(seeds())
    mask = make_mask("soft", height, width, seed)
    if draw(st.integers(0, 2)) == 0:
        mask = (mask >= HALF).double()
    return Feather(mask.to(dtype), radius)


@st.composite
def pixel_masks(
    draw: st.DrawFn,
    *,
    most_cells: int = 3,
    scale_factors: tuple[int, ...] = SCALE_FACTORS,
) -> Pixels:
    """Draw a `Pixels` of at most `most_cells` cells a side whose every pixel has its own number from 0 to 1.

    None of them is exactly a half: what happens there is a question of its own.
    """
    cells = st.integers(1, most_cells)
    factor, height, width = draw(st.sampled_from(scale_factors)), draw(cells), draw(cells)
    mask = make_mask("soft", height * factor, width * factor, draw(seeds()))
    mask[mask == HALF] += 0.01
    return Pixels(mask.to(draw(dtypes())), factor)


@st.composite
def decided_masks(draw: st.DrawFn, *, most_cells: int = 3, scale_factors: tuple[int, ...] = SCALE_FACTORS) -> Decided:
    """Draw a `Decided` of at most `most_cells` cells a side. The other pixels have any numbers from 0 to 1.

    The pixels that decide are from 0.01 to 0.49, or from 0.51 to 0.99.
    """
    cells = st.integers(1, most_cells)
    factor, height, width = draw(st.sampled_from(scale_factors)), draw(cells), draw(cells)
    dtype, seed = draw(dtypes()), draw(seeds())
    latent = (make_mask("soft", height, width, seed) > HALF).double()
    mask = make_mask("soft", height * factor, width * factor, seed + 1)
    deciding = mask[..., ::factor, ::factor]
    mask[..., ::factor, ::factor] = (0.48 * deciding + 0.5 * latent + 0.01).round(decimals=2)
    return Decided(mask.to(dtype), factor, latent.to(dtype))
