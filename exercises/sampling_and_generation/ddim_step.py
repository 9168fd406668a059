"""One leap of DDIM: from `x_t` to any earlier timestep, without fresh noise."""

import torch


def ddim_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, prev_timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the picture at prev_timestep: estimate x_0, then put the same noise back, less of it.

    With alpha-bar_t = alphas_cumprod[timestep] and alpha-bar_prev = alphas_cumprod[prev_timestep]:

        x_0    = (x_t - sqrt(1 - alpha-bar_t) * noise_pred) / sqrt(alpha-bar_t)
        result = sqrt(alpha-bar_prev) * x_0 + sqrt(1 - alpha-bar_prev) * noise_pred

    prev_timestep = -1 stands for the clean picture, with alpha-bar_prev = 1: the result is then x_0. It is not an
    index.

    What you get:

        x_t             the noisy picture, of any shape: [n], [H, W], [B, C, H, W], ...
        noise_pred      the noise that the model sees in x_t, same shape
        timestep        an int from 0 to T - 1, an index into alphas_cumprod
        prev_timestep   an int from -1 to timestep, both included; it need not be timestep - 1
        alphas_cumprod  [T], T >= 1, the alpha-bars, falling, between 0.00001 and 0.9999

    A leap from a timestep to itself changes nothing.

    All three tensors have the same dtype, float32 or float64. The result has the shape and the dtype of x_t. Do not
    change the inputs, and draw no random numbers: this is DDIM with eta = 0, so the same inputs give the same result.
    Do not limit the estimate of x_0 to [-1, 1] or any other range: latents go beyond it.

    A worked example: alphas_cumprod = [0.64, 0.36], timestep = 1, x_t = [10.0], noise_pred = [2.0]. The estimate of
    x_0 is (10 - 0.8 * 2) / 0.6 = 14, so prev_timestep = 0 gives 0.8 * 14 + 0.6 * 2 = [12.4], prev_timestep = -1 gives
    [14.0], and prev_timestep = 1 gives 0.6 * 14 + 0.8 * 2 = [10.0] again.

    Write the formula yourself: importing diffusers is not allowed here.
    """
    raise NotImplementedError
