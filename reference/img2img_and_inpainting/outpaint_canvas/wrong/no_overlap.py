"""The overlap has no effect.

If the mask ends exactly where the picture begins, the new part has to match it to the pixel, and a seam is left.
A few columns of the picture are repainted along with the new ones so that the two can be joined.
"""

import torch
from PIL import Image

CAUGHT_BY = "test_overlap_reaches_into_the_picture"


def outpaint_canvas(
    image: Image.Image,
    left: int,
    top: int,
    right: int,
    bottom: int,
    overlap: int,
) -> tuple[Image.Image, torch.Tensor]:
    """Return a mask of the new pixels only."""
    width, height = left + image.width + right, top + image.height + bottom
    canvas = Image.new("RGB", (width, height), (128, 128, 128))
    canvas.paste(image, (left, top))
    mask = torch.ones(1, 1, height, width)
    mask[..., top : top + image.height, left : left + image.width] = 0.0
    return canvas, mask
