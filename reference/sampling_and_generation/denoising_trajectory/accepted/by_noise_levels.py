"""Works on x / sqrt(alpha-bar) in double precision, where a leap is one line, and measures with arrays."""

import numpy as np
import torch


def denoising_trajectory(model, x_T, timesteps, alphas_cumprod):  # noqa: N803
    """Return the results of a loop over sigmas."""
    left = alphas_cumprod.double()[timesteps]
    sigmas = torch.cat([((1 - left) / left).sqrt(), left.new_zeros(1)])
    y = x_T.double() / left[0].sqrt()
    noisy, estimates = [], []
    for i, t in enumerate(timesteps):
        x_t = (y * left[i].sqrt()).to(x_T.dtype)
        eps = model(x_t, int(t)).double()
        noisy.append(x_t)
        estimates.append(y - sigmas[i] * eps)
        y = y + (sigmas[i + 1] - sigmas[i]) * eps
    stacked = torch.stack(estimates)
    moves = np.abs(np.diff(stacked.numpy(), axis=0)).reshape(len(timesteps) - 1, -1).mean(axis=1)
    return {
        "shares": list(moves / moves.sum()),
        "noise_levels": [float((1 - a) ** 0.5) for a in left],
        "result": y.to(x_T.dtype),
        "estimates": stacked.to(x_T.dtype),
        "noisy": torch.stack(noisy),
    }
