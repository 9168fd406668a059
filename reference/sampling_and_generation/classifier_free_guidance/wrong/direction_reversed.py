"""The difference is taken the other way round: unconditional minus text.

The difference must point from the prediction without the prompt to the one with it. Reversed, every scale leads away
from the prompt, and the larger the scale, the further.
"""

import torch

CAUGHT_BY = "test_scale_1_is_the_text_prediction"


def classifier_free_guidance(
    noise_pred_uncond: torch.Tensor, noise_pred_text: torch.Tensor, guidance_scale: float
) -> torch.Tensor:
    """Return the unconditional prediction, pushed away from the text."""
    return noise_pred_uncond + guidance_scale * (noise_pred_uncond - noise_pred_text)
