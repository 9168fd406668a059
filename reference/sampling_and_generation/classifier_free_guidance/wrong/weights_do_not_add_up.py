"""The weights do not add up to 1.

scale * text + (scale - 1) * uncond has a sign wrong: what goes beyond 1 at the text prediction must be *taken
off* the unconditional one, (1 - scale). With equal predictions the result must be that prediction, at every
scale.
"""

import torch

CAUGHT_BY = "test_a_prompt_that_changes_nothing_guides_nowhere"


def classifier_free_guidance(
    noise_pred_uncond: torch.Tensor, noise_pred_text: torch.Tensor, guidance_scale: float
) -> torch.Tensor:
    """Return the sum with a sign wrong."""
    return guidance_scale * noise_pred_text + (guidance_scale - 1) * noise_pred_uncond
