"""Small pictures of what was expected and of what came out, without any text, as a terminal can show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image

from grader.pictures.planes import entry_to_show, planes_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.pictures.planes import Planes

LEAST_NUMBERS = 64  # of what is worth a picture


def small_pictures(values: tuple[object, object] | None) -> dict[str, Image.Image]:
    """Return what was expected and what came out as pictures, none if they are not pictures, or not of one shape."""
    actual, expected = values or (None, None)
    entry = 0
    if isinstance(actual, torch.Tensor) and isinstance(expected, torch.Tensor):
        if actual.shape != expected.shape or expected.numel() < LEAST_NUMBERS:
            return {}
        entry = entry_to_show(actual, expected)
    pair = [planes_of(expected, entry), planes_of(actual, entry)]
    if any(planes is None or (not planes.colour and len(planes.numbers) > 1) for planes in pair):
        return {}
    return dict(zip(("expected", "yours"), _drawn([planes for planes in pair if planes is not None]), strict=True))


def _drawn(pair: Sequence[Planes]) -> list[Image.Image]:
    if all(planes.colour for planes in pair):
        return [_image(planes.picture()) for planes in pair]
    least = min(float(planes.numbers.min()) for planes in pair)
    most = max(float(planes.numbers.max()) for planes in pair)
    return [_image(np.repeat(np.moveaxis((p.numbers - least) / ((most - least) or 1), 0, -1), 3, axis=2)) for p in pair]


def _image(colours: Any) -> Image.Image:
    return Image.fromarray((np.clip(colours, 0, 1) * 255).round().astype(np.uint8))
