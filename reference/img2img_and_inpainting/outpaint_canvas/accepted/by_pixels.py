"""Asks of every pixel of the canvas whether it is new or near to what is new."""

import torch
from PIL import Image


def outpaint_canvas(
    image: Image.Image, left: int, top: int, right: int, bottom: int, overlap: int
) -> tuple[Image.Image, torch.Tensor]:
    """Return canvas and mask, pixel by pixel."""
    w, h = image.size
    canvas = Image.new("RGB", (left + w + right, top + h + bottom), color="#808080")
    mask = torch.ones(1, 1, canvas.height, canvas.width)
    for y in range(h):
        for x in range(w):
            canvas.putpixel((x + left, y + top), image.getpixel((x, y)))
            near = (left and x < overlap) or (right and w - x <= overlap)
            near = near or (top and y < overlap) or (bottom and h - y <= overlap)
            mask[0, 0, y + top, x + left] = 1.0 if near else 0.0
    return canvas, mask
