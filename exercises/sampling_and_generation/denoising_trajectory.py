"""An experiment: what a sampling loop holds at each step, what the model takes it to be, and when that is decided."""

from collections.abc import Callable
from typing import Any

import torch


def denoising_trajectory(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    timesteps: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> dict[str, Any]:
    """Return what happens on the way of a DDIM loop, step by step.

    The loop is that of ddim_sample. Step i, at the timestep t = timesteps[i], starts with a picture x_t and has

        noise_pred = model(x_t, t)
        x_0        = (x_t - sqrt(1 - alpha-bar_t) * noise_pred) / sqrt(alpha-bar_t)              the estimate
        next x_t   = sqrt(alpha-bar_next) * x_0 + sqrt(1 - alpha-bar_next) * noise_pred

    alpha-bar_next is that of the next of timesteps, and 1 after the last one. The first x_t is x_T.

    What you return: a dict with these five keys, for n timesteps. The shape of x_T is written "...".

        "noisy"         [n, ...]: the picture x_t that each step starts with. noisy[0] is x_T
        "estimates"     [n, ...]: the estimate of each step, what the model takes the finished picture to be
        "result"        [...]: the picture after the last step
        "noise_levels"  a list of n floats: sqrt(1 - alpha-bar_t), the weight of the noise in noisy[i]
        "shares"        a list of n - 1 floats, which of the changes of the estimate happened where:
                        shares[i] = change_i / (change_0 + ... + change_{n-2}), where change_i is the mean of
                        |estimates[i + 1] - estimates[i]| over all their numbers

    The tensors have the dtype of x_T.

    Two things to see in the results. The last step leaps to alpha-bar 1, where no noise is put back: so the result is
    the last estimate. And the shares say at which noise levels the picture is decided: before them the model only
    expects an average, after them the estimate hardly moves.

    What you get:

        model           a function: model(x, timestep) returns the noise prediction, with the shape and the dtype of x.
                        timestep is one int, as in ddim_sample
        x_T             standard normal noise, of any shape
        timesteps       [n], n >= 2, integers from 0 to T - 1, falling, at any distances
        alphas_cumprod  [T], the alpha-bars, falling, between 0.00001 and 0.9999, of the dtype of x_T

    Call the model exactly once at every one of timesteps: whoever asks it again in order to measure pays twice. The
    estimates change on the way, so the changes never add up to 0. Keep copies: what is changed in place later on is
    changed in your results, too. (Ten pictures are few. A loop of a thousand steps would not keep them all.)

    Do not change the inputs, draw no random numbers, and do not limit the estimates to any range.

    A worked example: alphas_cumprod = [0.64, 0.36, 0.04], timesteps = [2, 1, 0], x_T = [10.0], and the model that is
    perfect for data of mean 0 and spread 1: model(x, t) = sqrt(1 - alpha-bar_t) * x.

        t = 2    level 0.979796    x_t = 10.0        noise_pred = 9.797959    x_0 = 2.0
        t = 1    level 0.8         x_t = 9.038367    noise_pred = 7.230694    x_0 = 5.423020
        t = 0    level 0.6         x_t = 8.676832    noise_pred = 5.206099    x_0 = 6.941466

    The result is [6.941466]. The estimate changes by 3.423020 and by 1.518446, so the shares are [0.692714, 0.307286].

    Write the loop yourself: importing diffusers is not allowed here.
    """
    raise NotImplementedError
