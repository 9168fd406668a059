"""The scale is cut to a whole number.

int(7.5) is 7. A scale may be any number, and half a unit already makes a visible difference.
"""

import torch

CAUGHT_BY = "test_half_the_scale_is_half_the_way"


def classifier_free_guidance(
    noise_pred_uncond: torch.Tensor, noise_pred_text: torch.Tensor, guidance_scale: float
) -> torch.Tensor:
    """Return the prediction guided by whole numbers."""
    return noise_pred_uncond + int(guidance_scale) * (noise_pred_text - noise_pred_uncond)
