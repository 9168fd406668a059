"""The three numbers that a reverse step is made of."""

import torch


def step_coefficients(timestep: int, betas: torch.Tensor) -> tuple[float, float, float]:
    """Return (scale, noise_coefficient, sigma), the three numbers of the reverse step at a timestep.

    With t = timestep, counted from 0 (the least noisy):

        alpha_t     = 1 - beta_t
        alpha-bar_t = alpha_0 * alpha_1 * ... * alpha_t        (alpha_t included)

        scale             = 1 / sqrt(alpha_t)
        noise_coefficient = beta_t / sqrt(1 - alpha-bar_t)
        sigma             = sqrt(beta_t)

    With them a reverse step is x_{t-1} = scale * (x_t - noise_coefficient * noise_pred) + sigma * z: the scale is
    not part of the noise coefficient. sigma is sqrt(beta_t) at timestep 0 as well; that the last step adds no noise
    is decided where the step is taken.

    What you get:

        timestep  an int from 0 to T - 1, an index into betas
        betas     [T], T >= 1, each between 0.0001 and 0.99, of dtype float32 or float64

    What you return: a tuple of three numbers, in this order. Do not change betas.

    A worked example: betas = [0.1, 0.2]. At timestep 1 alpha is 0.8 and alpha-bar 0.9 * 0.8 = 0.72, so the result is
    (1 / sqrt(0.8), 0.2 / sqrt(0.28), sqrt(0.2)) = (1.118034, 0.377964, 0.447214). At timestep 0 it is
    (1.054093, 0.316228, 0.316228).

    Write the formulas yourself: importing diffusers is not allowed here.
    """
    raise NotImplementedError
