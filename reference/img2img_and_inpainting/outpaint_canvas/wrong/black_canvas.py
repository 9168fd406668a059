"""The new pixels are black.

0 is black, and an image of the size of the canvas starts with zeros. Below strength 1 the sampler starts from the
canvas, and would have to paint everything from black. Mid-grey, (128, 128, 128), is neutral.
"""

import torch
from PIL import Image

CAUGHT_BY = "test_new_pixels_are_grey"


def outpaint_canvas(
    image: Image.Image, left: int, top: int, right: int, bottom: int, overlap: int
) -> tuple[Image.Image, torch.Tensor]:
    """Return the picture on black."""
    width, height = left + image.width + right, top + image.height + bottom
    canvas = Image.new("RGB", (width, height))
    canvas.paste(image, (left, top))
    first_column = left + overlap if left else 0
    first_row = top + overlap if top else 0
    end_column = width - right - overlap if right else width
    end_row = height - bottom - overlap if bottom else height
    mask = torch.ones(1, 1, height, width)
    mask[..., first_row : max(end_row, 0), first_column : max(end_column, 0)] = 0.0
    return canvas, mask
