"""The overlap is applied on every side, whether or not the side grows.

Where the canvas does not grow there is nothing to join. Repainting a strip there changes a part of the picture for
nothing.
"""

import torch
from PIL import Image

CAUGHT_BY = "test_overlap_reaches_into_the_picture"


def outpaint_canvas(
    image: Image.Image, left: int, top: int, right: int, bottom: int, overlap: int
) -> tuple[Image.Image, torch.Tensor]:
    """Return a mask with an overlap all around."""
    width, height = left + image.width + right, top + image.height + bottom
    canvas = Image.new("RGB", (width, height), (128, 128, 128))
    canvas.paste(image, (left, top))
    first_column, first_row = left + overlap, top + overlap
    end_column, end_row = width - right - overlap, height - bottom - overlap
    mask = torch.ones(1, 1, height, width)
    mask[..., first_row : max(end_row, 0), first_column : max(end_column, 0)] = 0.0
    return canvas, mask
