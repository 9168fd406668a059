"""z_a is changed in place.

Operations that end in an underscore, and `*=`, write into the tensor they are called on, and here that is the
caller's latent. The returned numbers are right, but the next picture of the row starts from another place.
"""

import torch

CAUGHT_BY = "test_keeps_dtype_and_leaves_inputs_alone"


def interpolate_latents(z_a: torch.Tensor, z_b: torch.Tensor, weight: float) -> torch.Tensor:
    """Return the point, computed inside z_a."""
    z_a *= 1 - weight
    z_a += weight * z_b
    return z_a
