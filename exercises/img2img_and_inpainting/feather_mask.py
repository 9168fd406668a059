"""A soft edge for a mask, so that the new picture fades into the old one."""

import torch


def feather_mask(mask: torch.Tensor, radius: int) -> torch.Tensor:
    """Return the mask with every number replaced by the mean of the window around it.

    The window of a place holds every place that is at most radius rows and at most radius columns away, the place
    itself included: (2 * radius + 1) x (2 * radius + 1) numbers, all with the same weight. Where the window reaches
    over the border, the numbers at the border are repeated outwards (the edge is replicated): row -1 counts as a copy
    of row 0, and so on, at all four sides and in the corners.

    What you get:

        mask    [1, 1, H, W], H and W each 1 or more, numbers from 0 to 1, which may be soft already
        radius  an int, 0 or more; it may be larger than the picture

    What you return: a tensor with the shape and the dtype of mask, float32 or float64, of numbers from 0 to 1 (up to
    rounding). Radius 0 changes nothing. Do not cut the result to 0 or 1 afterwards, on either side of the edge: the
    edge gets soft inwards and outwards. Do not change the input.

    A worked example, one row:

        mask                0  0  0  1  1  1
        radius 1            0  0 1/3 2/3 1  1         the third place: (0 + 0 + 1) / 3
        radius 2            0 1/5 2/5 3/5 4/5 1       the second place: (0 + 0 + 0 + 0 + 1) / 5

    With radius 2 the window of the second place would start one place before the row: the 0 there is the first
    place again. (The window has 2 * radius + 1 rows as well, all of them like this one.)
    """
    raise NotImplementedError
