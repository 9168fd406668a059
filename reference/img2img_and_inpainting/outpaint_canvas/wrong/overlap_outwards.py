"""The overlap reaches outwards, into the new pixels.

The mask then leaves a strip of grey next to the picture, and the pipeline treats it as something to keep: the result
has a grey frame between old and new. The overlap is a strip of the *picture* that may be repainted, to join the two.
"""

import torch
from PIL import Image

CAUGHT_BY = "test_overlap_reaches_into_the_picture"


def outpaint_canvas(
    image: Image.Image, left: int, top: int, right: int, bottom: int, overlap: int
) -> tuple[Image.Image, torch.Tensor]:
    """Return a mask smaller than what is new."""
    width, height = left + image.width + right, top + image.height + bottom
    canvas = Image.new("RGB", (width, height), (128, 128, 128))
    canvas.paste(image, (left, top))
    mask = torch.ones(1, 1, height, width)
    rows = slice(max(top - overlap, 0), height - max(bottom - overlap, 0))
    columns = slice(max(left - overlap, 0), width - max(right - overlap, 0))
    mask[..., rows, columns] = 0.0
    return canvas, mask
