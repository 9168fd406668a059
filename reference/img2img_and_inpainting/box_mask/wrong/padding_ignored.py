"""The padding has no effect.

A tight box leaves the object's soft outline and its shadow outside, and the model paints a new object to go with
them. That is what the padding is for.
"""

import torch

CAUGHT_BY = "test_padding_grows_all_four_sides"


def box_mask(
    height: int,
    width: int,
    box: tuple[int, int, int, int],
    padding: int = 0,
) -> torch.Tensor:
    """Return the tight box."""
    left, top, right, bottom = box
    mask = torch.zeros(1, 1, height, width)
    mask[:, :, max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = 1.0
    return mask
