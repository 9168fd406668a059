"""The result is float32, whatever dtype the latents have.

Somewhere the numbers pass through `.float()` or a tensor made without `dtype=`, and float64 latents come back
as float32.
"""

import torch

CAUGHT_BY = "test_keeps_dtype_and_leaves_inputs_alone"


def interpolate_latents(z_a: torch.Tensor, z_b: torch.Tensor, weight: float) -> torch.Tensor:
    """Return the point in single precision."""
    return ((1 - weight) * z_a + weight * z_b).float()
