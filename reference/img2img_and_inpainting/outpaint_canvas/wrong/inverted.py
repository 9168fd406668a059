"""The mask is inverted: 1 on the picture, 0 on what is new.

1 marks what is to be painted. Inverted, the picture is repainted and the grey stays.
"""

import torch
from PIL import Image

CAUGHT_BY = "test_mask_is_what_is_new"


def outpaint_canvas(
    image: Image.Image, left: int, top: int, right: int, bottom: int, overlap: int
) -> tuple[Image.Image, torch.Tensor]:
    """Return a mask of what is to be kept."""
    width, height = left + image.width + right, top + image.height + bottom
    canvas = Image.new("RGB", (width, height), (128, 128, 128))
    canvas.paste(image, (left, top))
    first_column = left + overlap if left else 0
    first_row = top + overlap if top else 0
    end_column = width - right - overlap if right else width
    end_row = height - bottom - overlap if bottom else height
    mask = torch.zeros(1, 1, height, width)
    mask[..., first_row : max(end_row, 0), first_column : max(end_column, 0)] = 1.0
    return canvas, mask
