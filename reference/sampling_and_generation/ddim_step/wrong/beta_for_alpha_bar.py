"""A beta of the previous timestep is used instead of its alpha-bar.

beta_prev says how much noise one single step adds; the leap needs to know how much noise there is *in all* at
prev_timestep, which is 1 - alpha-bar_prev. With beta_prev in the place of alpha-bar_prev hardly any of the
picture is put back.
"""

import torch

CAUGHT_BY = "test_other_entries_do_not_matter"


def ddim_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, prev_timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the leap to a beta."""
    alpha_bar = alphas_cumprod[timestep]
    if prev_timestep >= 0:
        before = alphas_cumprod[prev_timestep - 1] if prev_timestep > 0 else torch.ones_like(alpha_bar)
        beta_prev = 1 - alphas_cumprod[prev_timestep] / before
    else:
        beta_prev = torch.ones_like(alpha_bar)
    x_0 = (x_t - torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(alpha_bar)
    return torch.sqrt(beta_prev) * x_0 + torch.sqrt(1 - beta_prev) * noise_pred
