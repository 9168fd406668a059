"""Works in place on copies, and in float64 inside."""

import torch


def noise_schedule(num_train_timesteps: int, schedule: str = "linear") -> torch.Tensor:
    """Return the betas, built in place in double precision."""
    if schedule == "cosine":
        angles = torch.arange(num_train_timesteps + 1).double().div_(num_train_timesteps)
        curve = angles.add_(0.008).div_(1.008).mul_(torch.pi / 2).cos_().square_()
        return torch.minimum(1 - curve[1:] / curve[:-1], torch.tensor(0.999).double()).to(torch.float32)
    start, end = {"linear": (1e-4, 0.02), "scaled_linear": (0.00085, 0.012)}[schedule]
    power = 2 if schedule == "scaled_linear" else 1
    betas = torch.linspace(start ** (1 / power), end ** (1 / power), num_train_timesteps, dtype=torch.float64)
    return betas.pow_(power).to(torch.float32)


def alphas_cumprod(betas: torch.Tensor) -> torch.Tensor:
    """Return the running product, multiplied up in a copy."""
    alpha_bars = 1 - betas.clone()
    for index in range(1, len(alpha_bars)):
        alpha_bars[index] *= alpha_bars[index - 1]
    return alpha_bars
