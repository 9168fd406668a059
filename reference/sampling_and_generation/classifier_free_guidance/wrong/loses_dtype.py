"""The result is float32, whatever dtype the predictions have.

Somewhere the numbers pass through `.float()` or a tensor made without `dtype=`, and float64 predictions come
back as float32.
"""

import torch

CAUGHT_BY = "test_keeps_dtype_and_leaves_inputs_alone"


def classifier_free_guidance(
    noise_pred_uncond: torch.Tensor, noise_pred_text: torch.Tensor, guidance_scale: float
) -> torch.Tensor:
    """Return the guided prediction in single precision."""
    return (noise_pred_uncond + guidance_scale * (noise_pred_text - noise_pred_uncond)).float()
