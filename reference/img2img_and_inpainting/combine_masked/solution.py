"""New latents inside the mask and the original outside, by the formula of the statement."""

import torch


def combine_masked(mask: torch.Tensor, denoised: torch.Tensor, original: torch.Tensor) -> torch.Tensor:
    """Return mask * denoised + (1 - mask) * original."""
    return mask * denoised + (1 - mask) * original
