"""Over the border the mask is mirrored, not repeated.

Mirrored, row -1 is like row 1, and a soft edge that runs close to the border is reflected back into the picture. It
also fails where the radius is as large as the picture.
"""

import torch
from torch.nn.functional import avg_pool2d, pad

CAUGHT_BY = "test_border_is_repeated_outwards"


def feather_mask(mask: torch.Tensor, radius: int) -> torch.Tensor:
    """Return the mean with a mirrored border."""
    wider = pad(mask, (radius, radius, radius, radius), mode="reflect")
    return avg_pool2d(wider, kernel_size=2 * radius + 1, stride=1)
