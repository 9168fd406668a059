"""Up to scale 1 the text prediction is returned as it is.

Pipelines switch guidance off at scales of 1 and less, to save the second half of the model's work. The formula
itself goes on: at 0.5 it lies halfway between the predictions, at 0 it is the unconditional one. The statement
asks for the formula.
"""

import torch

CAUGHT_BY = "test_scale_0_is_the_unconditional_prediction"


def classifier_free_guidance(
    noise_pred_uncond: torch.Tensor, noise_pred_text: torch.Tensor, guidance_scale: float
) -> torch.Tensor:
    """Return the prediction, guided above 1 only."""
    if guidance_scale <= 1:
        return noise_pred_text
    return noise_pred_uncond + guidance_scale * (noise_pred_text - noise_pred_uncond)
