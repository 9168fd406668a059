"""A larger canvas around a picture, and the mask of what is to be painted there."""

import torch
from PIL import Image


def outpaint_canvas(
    image: Image.Image, left: int, top: int, right: int, bottom: int, overlap: int
) -> tuple[Image.Image, torch.Tensor]:
    """Return the picture on a larger canvas, and the mask of what is to be painted: (canvas, mask).

    What you get:

        image                     an RGB PIL image, w wide and h high
        left, top, right, bottom  ints, 0 or more: how many pixels the canvas grows on each side
        overlap                   an int, 0 or more: how far the mask reaches into the picture

    What you return:

        canvas  an RGB PIL image, left + w + right wide and top + h + bottom high. The picture stands in it unchanged,
                `left` pixels from the left and `top` pixels from the top. All new pixels are mid-grey, (128, 128, 128)
        mask    a float32 tensor [1, 1, top + h + bottom, left + w + right]: 1 (repaint) or 0 (keep)

    The mask is 1 on every new pixel. It is also 1 on the overlap: on each side that grows, the `overlap` columns (or
    rows) of the picture next to the new pixels, so that old and new can be joined. On a side that does not grow there
    is nothing to join, and no overlap. Everywhere else the mask is 0. If the overlap is larger than the picture, all of
    the picture is overlap; that is not an error. The overlap changes the mask only, never the pixels of the canvas.

    Do not change the input. If no side grows, the canvas is like the picture and the mask is all zeros.

    A worked example: a picture 4 wide and 2 high, left = 2, all other sides 0, overlap = 1. The canvas is 6 wide and 2
    high, with g for grey and p for the picture:

        canvas   g g p p p p        mask   1 1 1 0 0 0
                 g g p p p p               1 1 1 0 0 0
    """
    raise NotImplementedError
