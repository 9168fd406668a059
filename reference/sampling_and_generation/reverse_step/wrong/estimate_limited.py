"""The estimate of x_0 is limited to [-1, 1] on the way.

diffusers' schedulers do this unless they are told not to (clip_sample), because the pixels of a picture lie in
[-1, 1]. Latents go far beyond that, and the formula of this step has no limit: whatever is cut off is missing from
the mean.
"""

import torch

CAUGHT_BY = "test_picture_without_noise_goes_one_timestep_back"


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return the step by way of a limited estimate of x_0."""
    beta = betas[timestep]
    alphas_cumprod = torch.cumprod(1 - betas, dim=0)
    after = alphas_cumprod[timestep]
    before = alphas_cumprod[timestep - 1] if timestep > 0 else torch.ones_like(after)
    x_0 = ((x_t - torch.sqrt(1 - after) * noise_pred) / torch.sqrt(after)).clamp(-1, 1)
    mean = (torch.sqrt(before) * beta * x_0 + torch.sqrt(1 - beta) * (1 - before) * x_t) / (1 - after)
    return mean + torch.sqrt(beta) * z if timestep > 0 else mean
