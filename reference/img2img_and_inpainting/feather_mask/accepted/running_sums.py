"""Takes differences of running sums in float32, and clamps the rounding away."""

import torch
from torch.nn.functional import pad


def feather_mask(mask: torch.Tensor, radius: int) -> torch.Tensor:
    """Return the mean from a table of sums."""
    size = 2 * radius + 1
    wider = pad(mask.float(), (radius + 1, radius, radius + 1, radius), mode="replicate")
    wider[..., 0, :] = 0
    wider[..., :, 0] = 0
    sums = wider.cumsum(-1).cumsum(-2)
    total = sums[..., size:, size:] - sums[..., :-size, size:] - sums[..., size:, :-size] + sums[..., :-size, :-size]
    return (total / size**2).clamp(0, 1).to(mask.dtype)
