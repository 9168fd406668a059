"""The timestep is counted from the noisy end of the schedule.

Timestep 0 is the least noisy one and reads the first beta; the sampling loop runs from T - 1 down to 0, but the
schedule itself is never turned around. Read backwards, the last steps of the loop get the largest betas, and the step
depends on betas that come after its timestep.
"""

import torch

CAUGHT_BY = "test_later_betas_do_not_matter"


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return the step of the schedule turned around."""
    betas = betas.flip(0)
    beta = betas[timestep]
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    mean = (x_t - beta / torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(1 - beta)
    return mean + torch.sqrt(beta) * z if timestep > 0 else mean
