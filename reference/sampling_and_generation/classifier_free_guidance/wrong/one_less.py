"""The scale is reduced by 1 before it is used.

"1 means no guidance" leads to guidance_scale - 1, and that would be right in front of a sum that starts at the
*text* prediction. This one starts at the unconditional prediction, where scale 1 must lead exactly to the text
prediction.
"""

import torch

CAUGHT_BY = "test_scale_1_is_the_text_prediction"


def classifier_free_guidance(
    noise_pred_uncond: torch.Tensor, noise_pred_text: torch.Tensor, guidance_scale: float
) -> torch.Tensor:
    """Return the prediction guided by one less."""
    return noise_pred_uncond + (guidance_scale - 1) * (noise_pred_text - noise_pred_uncond)
