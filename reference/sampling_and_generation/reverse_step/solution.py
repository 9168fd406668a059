"""One step of the reverse process, by the formula of the statement."""

import torch


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return x_{t-1} = (x_t - beta / sqrt(1 - alpha-bar) * noise_pred) / sqrt(alpha) + sqrt(beta) * z."""
    beta = betas[timestep]
    # step: Multiply all alphas up to and including this timestep.
    # blank: alpha_bar = ____[timestep]
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    # step: Take away this step's share of the noise, and scale what is left.
    # blank: mean = (x_t - ____ * noise_pred) / ____
    mean = (x_t - beta / torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(1 - beta)
    # step: The last step adds no noise.
    # blank: if ____:
    if timestep == 0:
        return mean
    # step: All others add fresh noise with this step's spread.
    # blank: return mean + ____ * z
    return mean + torch.sqrt(beta) * z
