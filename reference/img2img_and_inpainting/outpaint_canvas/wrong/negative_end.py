"""An overlap larger than the picture leaves a negative end of a slice.

width - right - overlap falls below 0 if the overlap is large enough, and a negative end counts from the other side: the
mask then keeps a part of what is new. Keep the end at 0 or above.
"""

import torch
from PIL import Image

CAUGHT_BY = "test_overlap_may_exceed_the_picture"


def outpaint_canvas(
    image: Image.Image, left: int, top: int, right: int, bottom: int, overlap: int
) -> tuple[Image.Image, torch.Tensor]:
    """Return a slice whose end may be negative."""
    width, height = left + image.width + right, top + image.height + bottom
    canvas = Image.new("RGB", (width, height), (128, 128, 128))
    canvas.paste(image, (left, top))
    first_column = left + overlap if left else 0
    first_row = top + overlap if top else 0
    end_column = width - right - overlap if right else width
    end_row = height - bottom - overlap if bottom else height
    mask = torch.ones(1, 1, height, width)
    mask[..., first_row:end_row, first_column:end_column] = 0.0
    return canvas, mask
