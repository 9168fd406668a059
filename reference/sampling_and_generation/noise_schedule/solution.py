"""Betas of three schedules and their running product, by the formulas of the statement."""

import math

import torch


def noise_schedule(num_train_timesteps: int, schedule: str = "linear") -> torch.Tensor:
    """Return the betas `[T]` of the named schedule."""
    # step: "linear": space the betas evenly between the two ends.
    if schedule == "linear":
        # blank: return torch.linspace(____, ____, num_train_timesteps)
        return torch.linspace(1e-4, 0.02, num_train_timesteps)
    # step: "scaled_linear": space the square roots evenly, and square them.
    if schedule == "scaled_linear":
        # blank: return ____**2
        return torch.linspace(math.sqrt(0.00085), math.sqrt(0.012), num_train_timesteps) ** 2
    # step: "cosine": compute the curve f at all T + 1 ends of the steps.
    left = torch.arange(num_train_timesteps + 1, dtype=torch.float64) / num_train_timesteps
    # blank: curve = ____
    curve = torch.cos((left + 0.008) / 1.008 * math.pi / 2) ** 2
    # step: What a step adds follows from f at its two ends; limit it to 0.999.
    # blank: return (____).clamp(max=0.999).float()
    return (1 - curve[1:] / curve[:-1]).clamp(max=0.999).float()


def alphas_cumprod(betas: torch.Tensor) -> torch.Tensor:
    """Return the product of 1 - beta up to and including each timestep."""
    # step: Turn each beta into its alpha.
    # step: Multiply all alphas up to and including each timestep.
    # blank: return torch.cumprod(____, dim=0)
    return torch.cumprod(1 - betas, dim=0)
