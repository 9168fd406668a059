"""Height and width are swapped in the mask.

image.size is (width, height); the shape of a tensor is [1, 1, height, width]. Swapped, the mask does not fit the
canvas unless that is a square.
"""

import torch
from PIL import Image

CAUGHT_BY = "test_mask_is_what_is_new"


def outpaint_canvas(
    image: Image.Image, left: int, top: int, right: int, bottom: int, overlap: int
) -> tuple[Image.Image, torch.Tensor]:
    """Return a mask of the turned canvas."""
    width, height = left + image.width + right, top + image.height + bottom
    canvas = Image.new("RGB", (width, height), (128, 128, 128))
    canvas.paste(image, (left, top))
    first_column = left + overlap if left else 0
    first_row = top + overlap if top else 0
    end_column = width - right - overlap if right else width
    end_row = height - bottom - overlap if bottom else height
    mask = torch.ones(1, 1, width, height)
    mask[..., first_column : max(end_column, 0), first_row : max(end_row, 0)] = 0.0
    return canvas, mask
