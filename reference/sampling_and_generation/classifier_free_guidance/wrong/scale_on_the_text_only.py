"""The whole text prediction is scaled and added, instead of the *difference*.

Guidance strengthens what the prompt changes: the difference between the two predictions. If the text prediction
itself is multiplied by 7.5, the noise that is really there is multiplied with it, and the model seems to see
eight times as much noise as there is.
"""

import torch

CAUGHT_BY = "test_a_prompt_that_changes_nothing_guides_nowhere"


def classifier_free_guidance(
    noise_pred_uncond: torch.Tensor, noise_pred_text: torch.Tensor, guidance_scale: float
) -> torch.Tensor:
    """Return the sum of both predictions."""
    return noise_pred_uncond + guidance_scale * noise_pred_text
