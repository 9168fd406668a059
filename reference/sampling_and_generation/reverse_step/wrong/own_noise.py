"""Fresh noise is drawn inside the step, and z is ignored.

All randomness of a step comes in through z, so that a run can be repeated and two samplers can be compared on the same
noise. Noise drawn inside makes every call give another result. It has the right spread, so the pictures even look fine.
"""

import torch

CAUGHT_BY = "test_same_inputs_same_result"


def reverse_step(
    x_t: torch.Tensor,
    noise_pred: torch.Tensor,
    timestep: int,
    betas: torch.Tensor,
    z: torch.Tensor,
) -> torch.Tensor:
    """Return the step with noise of its own."""
    beta = betas[timestep]
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    mean = (x_t - beta / torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(1 - beta)
    return mean + torch.sqrt(beta) * torch.randn_like(x_t) if timestep > 0 else mean
