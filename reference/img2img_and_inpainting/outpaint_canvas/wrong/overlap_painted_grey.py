"""The overlap is grey in the canvas as well.

The overlap says that these pixels *may* be repainted, and it is the mask that says so. In the canvas they stay: below
strength 1 the sampler starts from them, and that is how old and new come to match.
"""

import numpy as np
import torch
from PIL import Image

CAUGHT_BY = "test_picture_stands_unchanged"


def outpaint_canvas(
    image: Image.Image, left: int, top: int, right: int, bottom: int, overlap: int
) -> tuple[Image.Image, torch.Tensor]:
    """Return the picture cut down to what is kept."""
    width, height = left + image.width + right, top + image.height + bottom
    canvas = Image.new("RGB", (width, height), (128, 128, 128))
    canvas.paste(image, (left, top))
    first_column = left + overlap if left else 0
    first_row = top + overlap if top else 0
    end_column = width - right - overlap if right else width
    end_row = height - bottom - overlap if bottom else height
    mask = torch.ones(1, 1, height, width)
    mask[..., first_row : max(end_row, 0), first_column : max(end_column, 0)] = 0.0
    values = np.array(canvas)
    values[mask[0, 0].numpy() == 1] = 128
    return Image.fromarray(values), mask
