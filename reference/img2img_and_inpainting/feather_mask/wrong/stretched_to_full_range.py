"""The result is stretched until it reaches from 0 to 1.

That looks tidy, but a mask that is 0.25 everywhere is meant to be 0.25 everywhere, and a small spot that the mean has
made faint is blown up to full strength again.
"""

import torch
from torch.nn.functional import avg_pool2d, pad

CAUGHT_BY = "test_even_mask_stays_even"


def feather_mask(mask: torch.Tensor, radius: int) -> torch.Tensor:
    """Return the mean, normalised."""
    wider = pad(mask, (radius, radius, radius, radius), mode="replicate")
    soft = avg_pool2d(wider, kernel_size=2 * radius + 1, stride=1)
    return (soft - soft.min()) / (soft.max() - soft.min()).clamp(min=1e-6)
