"""Puts a 1 in front of the alpha-bars, so that -1 becomes an entry of its own."""

import torch


def ddim_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, prev_timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the leap with every index moved up by one."""
    table = torch.cat([torch.ones_like(alphas_cumprod[:1]), alphas_cumprod])
    before, after = table[timestep + 1], table[prev_timestep + 1]
    estimate = torch.rsqrt(before) * (x_t - (1 - before).sqrt() * noise_pred)
    return after.sqrt() * estimate + (1 - after).sqrt() * noise_pred
