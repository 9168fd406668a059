"""Loops with Python's own floats."""

import math

import torch


def noise_schedule(num_train_timesteps: int, schedule: str = "linear") -> torch.Tensor:
    """Return the betas, one after the other."""

    def alpha_bar(time):
        return math.cos((time + 0.008) / 1.008 * math.pi / 2) ** 2

    steps = num_train_timesteps
    betas = []
    for step in range(steps):
        part = step / (steps - 1)
        if schedule == "linear":
            betas.append(1e-4 * (1 - part) + 0.02 * part)
        elif schedule == "scaled_linear":
            betas.append((math.sqrt(0.00085) + part * (math.sqrt(0.012) - math.sqrt(0.00085))) ** 2)
        else:
            betas.append(min(1 - alpha_bar((step + 1) / steps) / alpha_bar(step / steps), 0.999))
    return torch.tensor(betas, dtype=torch.float32)


def alphas_cumprod(betas: torch.Tensor) -> torch.Tensor:
    """Return the running product, one factor after the other."""
    result = torch.empty_like(betas)
    product = 1.0
    for index, beta in enumerate(betas):
        product = product * (1.0 - beta)
        result[index] = product
    return result
