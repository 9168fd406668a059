"""Checks results that no annotation converts: several values at once, and pictures."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image

from grader.checks.assertions import CheckFailure, assert_close
from grader.checks.text import describe, describe_type

WHITE = 255
LEVELS = 2  # of 255: what is equal within rounding may be rounded, or cut off, to either side


def assert_items(actual: object, names: tuple[str, ...]) -> list[object]:
    """Return the values of a tuple or list as long as `names`, or raise `CheckFailure`.

    `names` say what each value is, in the expected order.
    """
    __tracebackhide__ = True
    due = f"{len(names)} values: {', '.join(names)}"
    # What could not travel is described by a tuple as well, of a type of its own.
    if not isinstance(actual, list | tuple) or type(actual) not in (list, tuple):
        hint = " Does every path of the function end in `return`?" if actual is None else ""
        found = "None" if actual is None else f"of type {describe_type(actual)}"
        raise CheckFailure(f"The result is {found}; it must be {due}.{hint}", expected=due, actual=describe(actual))
    if len(actual) != len(names):
        count = f"{len(actual)} value{'' if len(actual) == 1 else 's'}"
        raise CheckFailure(f"The result holds {count}; it must be {due}.", expected=due)
    return list(actual)


def assert_picture(actual: object, *, width: int, height: int, what: str = "The image") -> torch.Tensor:
    """Return the pixels `[height, width, 3]` (uint8) of an RGB PIL image of that size, or raise `CheckFailure`."""
    __tracebackhide__ = True
    due = f"an RGB PIL image, {width} wide and {height} high"
    if not isinstance(actual, Image.Image):
        sentence = f"{what} is {'None' if actual is None else f'of type {describe_type(actual)}'}; it must be {due}."
        raise CheckFailure(sentence, expected=due, actual=describe(actual))
    found = describe(actual)
    if actual.mode != "RGB":
        raise CheckFailure(f"{what} has mode {actual.mode}; it must have mode RGB.", expected=due, actual=found)
    if actual.size != (width, height):
        sentence = f"{what} is {actual.width} wide and {actual.height} high; it must be {width} wide and {height} high."
        raise CheckFailure(sentence, expected=due, actual=found)
    return pixels(actual)


def assert_same_picture(
    actual: object, expected: Image.Image, sentence: str, *, tolerance: float = LEVELS / WHITE
) -> None:
    """Raise `CheckFailure` unless `actual` is an RGB PIL image of the expected size, within `LEVELS` of 255.

    `sentence` is for the values; `tolerance` is another share of the whole range.
    """
    __tracebackhide__ = True
    found = assert_picture(actual, width=expected.width, height=expected.height)
    try:
        assert_close(found.double() / WHITE, pixels(expected).double() / WHITE, sentence, tolerance=tolerance)
    except CheckFailure as failure:
        failure.pictures = {"expected": expected, "yours": Image.fromarray(found.numpy())}
        raise


def pixels(image: object) -> torch.Tensor:
    """Return the pixels of an RGB PIL image as a tensor `[height, width, 3]` of uint8."""
    return torch.from_numpy(np.array(image))
