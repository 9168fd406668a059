"""The timestep is taken to start at 1: the alpha-bar one entry earlier is read.

Papers count the steps from 1, code counts from 0. A timestep here is an index into alphas_cumprod as it stands.
At timestep 0, one less is index -1: the *last* entry.
"""

import torch

CAUGHT_BY = "test_other_entries_do_not_matter"


def predict_x0(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the estimate with alpha-bar of the timestep before."""
    alpha_bar = alphas_cumprod[timestep - 1]
    return (x_t - torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(alpha_bar)
