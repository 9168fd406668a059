"""Top and left are swapped in the position of the picture.

PIL counts columns first: paste(image, (left, top)). A tensor's index counts rows first. With the same growth on the two
sides the mistake is invisible.
"""

import torch
from PIL import Image

CAUGHT_BY = "test_picture_stands_unchanged"


def outpaint_canvas(
    image: Image.Image, left: int, top: int, right: int, bottom: int, overlap: int
) -> tuple[Image.Image, torch.Tensor]:
    """Return a canvas with the picture shifted."""
    width, height = left + image.width + right, top + image.height + bottom
    canvas = Image.new("RGB", (width, height), (128, 128, 128))
    canvas.paste(image, (top, left))
    first_column = left + overlap if left else 0
    first_row = top + overlap if top else 0
    end_column = width - right - overlap if right else width
    end_row = height - bottom - overlap if bottom else height
    mask = torch.ones(1, 1, height, width)
    mask[..., first_row : max(end_row, 0), first_column : max(end_column, 0)] = 0.0
    return canvas, mask
