"""The estimate of x_0 is returned: the noise is not put back.

At high noise the estimate is a blurred average of everything that the picture could be. DDIM only takes its
direction from it, and goes on from a picture that is still as noisy as prev_timestep says. With prev_timestep
-1 the two are the same, which is why the mistake does not show there.
"""

import torch

CAUGHT_BY = "test_leap_turns_back"


def ddim_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, prev_timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the jump to the end."""
    del prev_timestep  # ignoring it is the mistake
    alpha_bar = alphas_cumprod[timestep]
    return (x_t - torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(alpha_bar)
