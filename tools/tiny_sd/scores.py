"""How right pictures are: how much of what was asked for is seen, and distances between pictures and latents."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from PIL import Image
from torch import Tensor

from grader.tinyworld.drawing import Description
from grader.tinyworld.recognition import Agreement, Seen, compare, look

ASPECTS = ("shape", "colour", "place", "size", "background", "number", "all")
Row = dict[str, float]


def shares(agreements: Iterable[Agreement]) -> Row:
    """Return the share of right answers for each of `ASPECTS`, where it is described; `n` is the number of all."""
    agreements = list(agreements)
    row: Row = {"n": len(agreements)}
    for aspect in ASPECTS:
        answers = [getattr(agreement, aspect) for agreement in agreements]
        given = [answer for answer in answers if answer is not None]
        if given:
            row[aspect] = sum(given) / len(given)
    return row


def share_right(descriptions: Sequence[Description], pictures: Sequence[Image.Image]) -> Row:
    """Return the `shares` of pictures that were to show these descriptions."""
    return shares(
        compare(description, look(picture)) for description, picture in zip(descriptions, pictures, strict=True)
    )


def psnr(first: Sequence[Image.Image], second: Sequence[Image.Image]) -> float:
    """Return the mean over pictures of 10 log10(255^2 / mean squared error), in decibels; equal ones count as 99."""
    errors = [
        float(np.square(np.asarray(a, dtype=float) - np.asarray(b, dtype=float)).mean())
        for a, b in zip(first, second, strict=True)
    ]
    return sum(99.0 if error == 0 else 10 * math.log10(255**2 / error) for error in errors) / len(errors)


def difference(first: Image.Image, second: Image.Image, where: np.ndarray[Any, np.dtype[np.bool_]]) -> float:
    """Return the mean absolute difference of two pictures where the mask `[H, W]` is true, of pixels in [0, 1]."""
    gap = np.abs(np.asarray(first, dtype=float) - np.asarray(second, dtype=float)) / 255
    return float(gap[where].mean())


def ladder_row(sources: Sequence[Description], prompts: Sequence[Description], seen: Sequence[Seen]) -> Row:
    """Count how many pictures keep the source's shape, colour, place, background, and how many follow the prompt's."""
    kept = shares(map(compare, sources, seen))
    followed = shares(map(compare, prompts, seen))
    aspects = ("shape", "colour", "place", "background", "all")
    return {f"keeps {aspect}": kept[aspect] for aspect in aspects} | {
        f"follows {aspect}": followed[aspect] for aspect in aspects
    }


def distance(first: Tensor, second: Tensor) -> float:
    """Return the root of the mean squared difference of two latents."""
    return float((first - second).square().mean().sqrt())
