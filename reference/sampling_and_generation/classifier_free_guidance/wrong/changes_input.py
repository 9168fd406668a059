"""noise_pred_text is changed in place.

Operations that end in an underscore, and `-=`, write into the tensor they are called on, and here that is the caller's
prediction. The returned numbers are right, but later code that uses the predictions finds another one.
"""

import torch

CAUGHT_BY = "test_keeps_dtype_and_leaves_inputs_alone"


def classifier_free_guidance(
    noise_pred_uncond: torch.Tensor, noise_pred_text: torch.Tensor, guidance_scale: float
) -> torch.Tensor:
    """Return the guided prediction, computed inside an input."""
    noise_pred_text -= noise_pred_uncond
    return noise_pred_uncond + guidance_scale * noise_pred_text
