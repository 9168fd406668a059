"""Over the border the window is cut, and the mean taken of the rest.

That keeps an even mask even, but near the border it gives every number inside more weight than the statement does,
where the border's own numbers are repeated. Edges close to the border come out with another slope.
"""

import torch
from torch.nn.functional import avg_pool2d

CAUGHT_BY = "test_border_is_repeated_outwards"


def feather_mask(mask: torch.Tensor, radius: int) -> torch.Tensor:
    """Return the mean of the places that exist."""
    return avg_pool2d(mask, kernel_size=2 * radius + 1, stride=1, padding=radius, count_include_pad=False)
