"""The start of img2img, by the formula of the statement."""

import torch


def noise_to_start(
    z_0: torch.Tensor, noise: torch.Tensor, strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return z_0 with the noise of the first remaining timestep, and the remaining timesteps."""
    n = len(timesteps)
    # step: Keep the timesteps that run at this strength.
    # blank: remaining = timesteps[____ :]
    remaining = timesteps[n - min(int(n * strength), n) :]
    # step: At full strength nothing of the picture is left.
    # blank: if ____:
    if strength >= 1:
        return noise, remaining
    # step: If nothing runs, the picture stays as it is.
    if len(remaining) == 0:
        return z_0, remaining
    # step: Look up alpha-bar at the first timestep that runs.
    # blank: alpha_bar = alphas_cumprod[____]
    alpha_bar = alphas_cumprod[remaining[0]]
    # step: Noise the picture to that timestep.
    # blank: return ____ * z_0 + ____ * noise, remaining
    return torch.sqrt(alpha_bar) * z_0 + torch.sqrt(1 - alpha_bar) * noise, remaining
