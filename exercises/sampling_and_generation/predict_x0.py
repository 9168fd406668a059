"""The one-shot estimate: the clean picture that a noise prediction implies."""

import torch


def predict_x0(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the estimate of x_0: what the picture would be if noise_pred were exactly its noise.

    Noising made x_t = sqrt(alpha-bar_t) * x_0 + sqrt(1 - alpha-bar_t) * noise. Solved for x_0, with t = timestep,
    alpha-bar_t = alphas_cumprod[t], and noise_pred for the noise:

        x_0 = (x_t - sqrt(1 - alpha-bar_t) * noise_pred) / sqrt(alpha-bar_t)

    What you get:

        x_t             the noisy picture, of any shape: [n], [H, W], [B, C, H, W], ...
        noise_pred      the noise that the model sees in x_t, same shape
        timestep        an int from 0 to T - 1, an index into alphas_cumprod, the same for all of x_t
        alphas_cumprod  [T], T >= 1, the alpha-bars, between 0.00001 and 0.9999

    All three tensors have the same dtype, float32 or float64. The result has the shape and the dtype of x_t. Do not
    change the inputs. Do not limit the result to [-1, 1] or any other range: latents go beyond it.

    A worked example: alphas_cumprod = [0.64, 0.36], x_t = [10.0] and noise_pred = [5.0]. At timestep 1 the estimate
    is (10 - 0.8 * 5) / 0.6 = [10.0], at timestep 0 it is (10 - 0.6 * 5) / 0.8 = [8.75].

    Write the formula yourself: importing diffusers is not allowed here.
    """
    raise NotImplementedError
