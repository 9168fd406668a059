"""Expands the image with ImageOps and paints the mask strip by strip."""

import torch
from PIL import Image, ImageOps


def outpaint_canvas(
    image: Image.Image, left: int, top: int, right: int, bottom: int, overlap: int
) -> tuple[Image.Image, torch.Tensor]:
    """Return canvas and mask as a list."""
    canvas = ImageOps.expand(image, border=(left, top, right, bottom), fill=(128, 128, 128))
    mask = torch.zeros((1, 1, canvas.height, canvas.width))
    if left > 0:
        mask[:, :, :, : left + overlap] = 1
    if top > 0:
        mask[:, :, : top + overlap, :] = 1
    if right > 0:
        mask[:, :, :, max(canvas.width - right - overlap, 0) :] = 1
    if bottom > 0:
        mask[:, :, max(canvas.height - bottom - overlap, 0) :, :] = 1
    return [canvas, mask]
