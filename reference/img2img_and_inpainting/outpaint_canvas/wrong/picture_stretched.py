"""The picture is resized to the canvas.

Outpainting shows more around the picture; the picture itself stays as large as it is. Paste it onto a larger canvas.
"""

import torch
from PIL import Image

CAUGHT_BY = "test_picture_stands_unchanged"


def outpaint_canvas(
    image: Image.Image, left: int, top: int, right: int, bottom: int, overlap: int
) -> tuple[Image.Image, torch.Tensor]:
    """Return the picture, stretched."""
    width, height = left + image.width + right, top + image.height + bottom
    canvas = image.resize((width, height))
    first_column = left + overlap if left else 0
    first_row = top + overlap if top else 0
    end_column = width - right - overlap if right else width
    end_row = height - bottom - overlap if bottom else height
    mask = torch.ones(1, 1, height, width)
    mask[..., first_row : max(end_row, 0), first_column : max(end_column, 0)] = 0.0
    return canvas, mask
