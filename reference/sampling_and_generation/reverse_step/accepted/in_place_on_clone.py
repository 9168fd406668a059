"""Works in place, on a copy."""

import torch


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return x_{t-1}, built in a copy of x_t."""
    beta = betas[timestep]
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    result = x_t.clone()
    result.sub_(noise_pred, alpha=(beta / (1 - alpha_bar).sqrt()).item())
    result.div_((1 - beta).sqrt())
    if timestep > 0:
        result.add_(z * beta.sqrt())
    return result
