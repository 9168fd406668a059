"""Only the scaled difference is returned, without the prediction it starts from.

The difference is what the prompt changes. Most of the noise is in both predictions, and cancels in the
difference: it must come back by adding noise_pred_uncond.
"""

import torch

CAUGHT_BY = "test_scale_0_is_the_unconditional_prediction"


def classifier_free_guidance(
    noise_pred_uncond: torch.Tensor, noise_pred_text: torch.Tensor, guidance_scale: float
) -> torch.Tensor:
    """Return the difference, scaled."""
    return guidance_scale * (noise_pred_text - noise_pred_uncond)
