"""A side that does not grow leaves 0 as the end of a slice.

mask[..., top:-bottom, left:-right] works as long as all sides grow. For bottom = 0 it reads top:0, which is empty, and
the whole picture is marked as new. Count the end from the start: top + height.
"""

import torch
from PIL import Image

CAUGHT_BY = "test_mask_is_what_is_new"


def outpaint_canvas(
    image: Image.Image, left: int, top: int, right: int, bottom: int, overlap: int
) -> tuple[Image.Image, torch.Tensor]:
    """Return a slice that is empty for a side of 0."""
    width, height = left + image.width + right, top + image.height + bottom
    canvas = Image.new("RGB", (width, height), (128, 128, 128))
    canvas.paste(image, (left, top))
    mask = torch.ones(1, 1, height, width)
    first_column = left + overlap if left else 0
    first_row = top + overlap if top else 0
    mask[..., first_row : -(bottom + overlap if bottom else 0), first_column : -(right + overlap if right else 0)] = 0.0
    return canvas, mask
