"""New latents inside the mask and the original outside, by the formula of the statement."""

import torch


def combine_masked(mask: torch.Tensor, denoised: torch.Tensor, original: torch.Tensor) -> torch.Tensor:
    """Return mask * denoised + (1 - mask) * original."""
    # step: Take the new latents where the mask is 1, the original where it is 0, and of both between.
    # blank: return ____ + ____
    return mask * denoised + (1 - mask) * original
