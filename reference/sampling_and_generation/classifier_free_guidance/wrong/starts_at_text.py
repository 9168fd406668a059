"""The scaled difference is added to the text prediction, so the scale is one too large.

Some papers write it like this: with their scale w the result is (1 + w) text - w uncond, and w = 0 means the text
prediction. Here, as in all the usual libraries, the count starts at the unconditional prediction: 1 means the text
prediction, and 7.5 here is 6.5 there.
"""

import torch

CAUGHT_BY = "test_scale_1_is_the_text_prediction"


def classifier_free_guidance(
    noise_pred_uncond: torch.Tensor, noise_pred_text: torch.Tensor, guidance_scale: float
) -> torch.Tensor:
    """Return the guided prediction, counted from the text."""
    return noise_pred_text + guidance_scale * (noise_pred_text - noise_pred_uncond)
