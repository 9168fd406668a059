"""The new pixels repeat the edge of the picture.

That gives the sampler a hint of the colours, and some tools do it. Here all new pixels are mid-grey, (128, 128, 128).
"""

import numpy as np
import torch
from PIL import Image

CAUGHT_BY = "test_new_pixels_are_grey"


def outpaint_canvas(
    image: Image.Image, left: int, top: int, right: int, bottom: int, overlap: int
) -> tuple[Image.Image, torch.Tensor]:
    """Return the picture with its edge drawn out."""
    width, height = left + image.width + right, top + image.height + bottom
    canvas = Image.fromarray(np.pad(np.array(image), ((top, bottom), (left, right), (0, 0)), mode="edge"))
    first_column = left + overlap if left else 0
    first_row = top + overlap if top else 0
    end_column = width - right - overlap if right else width
    end_row = height - bottom - overlap if bottom else height
    mask = torch.ones(1, 1, height, width)
    mask[..., first_row : max(end_row, 0), first_column : max(end_column, 0)] = 0.0
    return canvas, mask
