"""The two predictions have changed places.

The result starts at the prediction *without* the prompt and goes towards the one with it. Swapped, it goes away
from the prompt, and the picture shows anything but what was asked for. Mind the order when both come out of one
batch: the unconditional half is the first.
"""

import torch

CAUGHT_BY = "test_scale_1_is_the_text_prediction"


def classifier_free_guidance(
    noise_pred_uncond: torch.Tensor, noise_pred_text: torch.Tensor, guidance_scale: float
) -> torch.Tensor:
    """Return the prediction guided away from the prompt."""
    return noise_pred_text + guidance_scale * (noise_pred_uncond - noise_pred_text)
