"""The forward process in one go: from clean pictures to pictures with as much noise as a timestep asks for."""

import torch


def add_noise(
    x_0: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return x_t: each picture of the batch, noised to its own timestep.

    For each picture of the batch, with t its timestep and alpha-bar_t = alphas_cumprod[t]:

        x_t = sqrt(alpha-bar_t) * x_0 + sqrt(1 - alpha-bar_t) * noise

    What you get:

        x_0             the clean pictures, [B, C, H, W]
        noise           standard normal noise, same shape, already drawn for you
        timesteps       [B], int64: one timestep for each picture, an index into alphas_cumprod
        alphas_cumprod  [T], T >= 1, the alpha-bars, between 0.00001 and 0.9999

    B, C, H and W are each 1 or more. The timesteps of a batch are in any order and may be equal. B and W may be the
    same number: a weight for each picture must not end up as a weight for each column.

    x_0, noise and alphas_cumprod have the same dtype, float32 or float64. The result has the shape and the dtype of
    x_0. Do not change the inputs, and draw no random numbers: the same inputs give the same result.

    A worked example: two pictures of a single pixel, x_0 = [[[[10.0]]], [[[10.0]]]], noise = [[[[5.0]]], [[[5.0]]]],
    alphas_cumprod = [0.64, 0.36] and timesteps = [0, 1]. The first is 0.8 * 10 + 0.6 * 5 = 11, the second
    0.6 * 10 + 0.8 * 5 = 10, so the result is [[[[11.0]]], [[[10.0]]]].

    Write the formula yourself: importing diffusers is not allowed here.
    """
    raise NotImplementedError
