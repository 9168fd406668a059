"""Draws latents to look at, channel by channel."""

from __future__ import annotations

import torch
from hypothesis import strategies as st

from grader.checks.strategies import dtypes, random_tensors, seeds

LEAST_SPREAD = 0.5


@st.composite
def varied_latents(draw: st.DrawFn, *, longest_side: int = 4, most_channels: int = 4) -> torch.Tensor:
    """Draw latents `[1, C, h, w]`, float32 or float64, two places or more, each channel with another range.

    In each channel the largest number is `LEAST_SPREAD` or more above the next, in another place every time.
    """
    channels, height = draw(st.integers(1, most_channels)), draw(st.integers(1, longest_side))
    width = draw(st.integers(2 if height == 1 else 1, longest_side))
    dtype, seed = draw(dtypes()), draw(seeds())
    (latents,) = random_tensors(1, (1, channels, height, width), torch.float64, seed)
    for index in range(channels):
        channel = latents[0, index]
        channel *= index + 1
        channel += seed % 7 - 3
        channel.view(-1)[(seed + index) % channel.numel()] = channel.max() + LEAST_SPREAD
    return latents.to(dtype)
