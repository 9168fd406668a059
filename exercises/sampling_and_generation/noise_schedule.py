"""How much noise each training step adds, and how much of the picture all steps so far have left."""

import torch


def noise_schedule(num_train_timesteps: int, schedule: str = "linear") -> torch.Tensor:
    """Return the betas: how much noise each of the T = num_train_timesteps steps adds.

    beta_t is the variance of the noise that step t adds. There are three schedules in common use. With t counted
    from 0 to T - 1:

        "linear"         evenly spaced from 0.0001 to 0.02, both ends included
        "scaled_linear"  the square roots are evenly spaced, from sqrt(0.00085) to sqrt(0.012), both ends included;
                         the betas are the squares of these. Stable Diffusion uses this one
        "cosine"         beta_t = min(1 - f((t + 1) / T) / f(t / T), 0.999)
                         with f(u) = cos((u + 0.008) / 1.008 * pi / 2) squared

    What you get:

        num_train_timesteps  an int, 2 or more
        schedule             one of the three names above, nothing else; "linear" if it is left out

    What you return: a tensor [T] of float32, each beta above 0 and below 1. The ends 0.0001, 0.02, 0.00085 and
    0.012 are the same for every T.

    Worked examples, with T = 3:

        "linear"         [0.0001, 0.01005, 0.02]
        "scaled_linear"  [0.00085, 0.004809, 0.012]
        "cosine"         [0.257116, 0.668255, 0.999]      the last would be 1 without the limit

    Write the formulas yourself: importing diffusers is not allowed here.
    """
    raise NotImplementedError


def alphas_cumprod(betas: torch.Tensor) -> torch.Tensor:
    """Return alpha-bar at every timestep: the share of the picture's variance that is left.

        alpha_t     = 1 - beta_t
        alpha-bar_t = alpha_0 * alpha_1 * ... * alpha_t        (alpha_t included)

    What you get:

        betas  [T], T >= 1, each above 0 and below 1, of dtype float32 or float64

    What you return: a tensor [T] of the dtype of betas. Do not change betas.

    A worked example: betas [0.1, 0.2, 0.5] give [0.9, 0.72, 0.36].

    With T = 1000, alpha-bar is 0.969951 at t = 50, 0.077797 at t = 500 and 0.000106 at t = 950 on the linear
    schedule. On the scaled-linear one it is 0.276333 at t = 500 and 0.004660 at t = 999: it never reaches pure
    noise.

    Write the formula yourself: importing diffusers is not allowed here.
    """
    raise NotImplementedError
