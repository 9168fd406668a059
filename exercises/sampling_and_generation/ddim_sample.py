"""The short way back: from pure noise to a picture in a few leaps, without fresh noise."""

from collections.abc import Callable

import torch


def ddim_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    timesteps: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> torch.Tensor:
    """Return the picture x_0 that DDIM makes of the noise x_T by way of the given timesteps.

    Start with the picture x_T. For every t of timesteps, in their order:

        noise_pred = model(picture, t)                         the noise that the model sees in the picture
        picture    = the leap from t to the next of timesteps  it becomes the picture of the next timestep

    The last of timesteps leaps to the clean picture, with alpha-bar_next = 1. All others leap to the one after them
    in the list, with alpha-bar_next = alphas_cumprod[next timestep]. The leap is

        x_0     = (picture - sqrt(1 - alpha-bar_t) * noise_pred) / sqrt(alpha-bar_t)
        picture = sqrt(alpha-bar_next) * x_0 + sqrt(1 - alpha-bar_next) * noise_pred

    You may write it inside this function, or as a function of your own in the same file.

    What you get:

        model           a function: model(x, timestep) returns the noise prediction, with the shape and the dtype of x.
                        timestep is one int from 0 to T - 1, the same for all of x and not one for each picture of
                        a batch (a tensor that holds one integer does as well)
        x_T             standard normal noise, of any shape: [n], [H, W], [B, C, H, W], ...
        timesteps       [n], n >= 1, integers from 0 to T - 1, falling, at any distances: [900, 400, 350] is as good as
                        [800, 600, 400, 200, 0]. The first need not be T - 1, the last need not be 0
        alphas_cumprod  [T], T >= 1, the alpha-bars, falling, between 0.00001 and 0.9999

    The leaps go from one listed timestep to the next, whatever the distances. Schedulers of libraries often leap by
    T // n instead, which is the same only where the timesteps are spaced like that.

    Call the model exactly once at every one of timesteps, with the picture as it is there: it is by far the most
    expensive part.

    x_T and alphas_cumprod have the same dtype, float32 or float64. The result has the shape and the dtype of x_T. Do
    not change the inputs, and draw no random numbers: this is DDIM with eta = 0, so the same inputs give the same
    picture. Do not limit x_0 to [-1, 1] or any other range: latents go beyond it.

    A worked example: alphas_cumprod = [0.64, 0.36, 0.1], timesteps = [1, 0], x_T = [10.0], and the model that is
    perfect for data of mean 0 and spread 1: model(x, t) = sqrt(1 - alpha-bar_t) * x.

        t = 1    noise_pred = 0.8 * 10 = 8, x_0 = (10 - 0.8 * 8) / 0.6 = 6, picture = 0.8 * 6 + 0.6 * 8 = 9.6
        t = 0    noise_pred = 0.6 * 9.6 = 5.76, x_0 = (9.6 - 0.6 * 5.76) / 0.8 = 7.68, picture = 1 * 7.68 + 0 = 7.68

    The result is [7.68]. With timesteps = [1] alone it is [6.0].

    Write the loop yourself: importing diffusers is not allowed here.
    """
    raise NotImplementedError
