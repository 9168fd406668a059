"""Pads the array and cuts the kept part out of a mask."""

import numpy as np
import torch
from PIL import Image


def outpaint_canvas(
    image: Image.Image, left: int, top: int, right: int, bottom: int, overlap: int
) -> tuple[Image.Image, torch.Tensor]:
    """Return canvas and mask by way of NumPy."""
    values = np.asarray(image)
    h, w, _ = values.shape
    canvas = np.full((top + h + bottom, left + w + right, 3), 128, dtype=np.uint8)
    canvas[top : top + h, left : left + w] = values
    keep = np.zeros(canvas.shape[:2], dtype=bool)
    y0, x0 = (overlap if top else 0), (overlap if left else 0)
    y1, x1 = h - (overlap if bottom else 0), w - (overlap if right else 0)
    if y0 < y1 and x0 < x1:
        keep[top + y0 : top + y1, left + x0 : left + x1] = True
    mask = torch.from_numpy(~keep).float()[None, None]
    return Image.fromarray(canvas), mask
