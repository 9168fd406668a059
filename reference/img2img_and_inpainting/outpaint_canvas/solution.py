"""A larger canvas: the picture pasted on grey, and the kept part cut out of a mask of ones."""

import torch
from PIL import Image


def outpaint_canvas(
    image: Image.Image, left: int, top: int, right: int, bottom: int, overlap: int
) -> tuple[Image.Image, torch.Tensor]:
    """Return (canvas, mask)."""
    # step: Make a grey canvas of the new size, and paste the picture into it.
    width, height = left + image.width + right, top + image.height + bottom
    canvas = Image.new("RGB", (width, height), (128, 128, 128))
    # blank: canvas.paste(image, ____)
    canvas.paste(image, (left, top))

    # step: Find the part of the picture that is kept: on sides that grow, the overlap is not.
    # blank: first_column = ____ if left else 0
    first_column = left + overlap if left else 0
    first_row = top + overlap if top else 0
    end_column = width - right - overlap if right else width
    # blank: end_row = ____ if bottom else height
    end_row = height - bottom - overlap if bottom else height
    # step: Begin with ones, and cut out the part that is kept.
    mask = torch.ones(1, 1, height, width)
    # blank: mask[..., ____, ____] = 0.0
    mask[..., first_row : max(end_row, 0), first_column : max(end_column, 0)] = 0.0
    return canvas, mask
