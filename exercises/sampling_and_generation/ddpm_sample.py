"""The whole way back: from pure noise to a picture, one reverse step after the other."""

from collections.abc import Callable

import torch


def ddpm_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    betas: torch.Tensor,
    step_noise: torch.Tensor,
) -> torch.Tensor:
    """Return the picture x_0 that T reverse steps make of the noise x_T.

    Start with the picture x_T. For the timesteps t = T - 1, T - 2, ..., 1, 0, in this order:

        noise_pred = model(picture, t)                         the noise that the model sees in the picture
        picture    = the reverse step at timestep t            it becomes the picture of the next timestep

    The reverse step, with alpha_t = 1 - beta_t and alpha-bar_t = alpha_0 * alpha_1 * ... * alpha_t, is

        mean    = (picture - beta_t / sqrt(1 - alpha-bar_t) * noise_pred) / sqrt(alpha_t)
        picture = mean + sqrt(beta_t) * step_noise[t]          if t > 0
        picture = mean                                         if t = 0: the last step adds no noise

    You may write it inside this function, or as a function of your own in the same file.

    What you get:

        model       a function: model(x, timestep) returns the noise prediction, with the shape and the dtype of x.
                    timestep is one int from 0 to T - 1, the same for all of x and not one for each picture of
                    a batch (a tensor that holds one integer does as well)
        x_T         standard normal noise, of any shape: [n], [H, W], [B, C, H, W], ...
        betas       [T], T >= 1, each between 0.0001 and 0.999
        step_noise  [T, *shape of x_T], standard normal noise: step_noise[t] is the fresh noise of timestep t

    Call the model exactly once at every timestep, with the picture as it is there: it is by far the most expensive
    part. Keep only the current picture: do not collect the pictures on the way, because a thousand of them fill the
    memory. (So does the graph for gradients of a network: a real sampler runs under torch.no_grad(). Here the model has
    none.)

    x_T, betas and step_noise have the same dtype, float32 or float64. The result has the shape and the dtype of x_T.
    Do not change the inputs, and draw no random numbers: all the randomness of the loop is in x_T and step_noise.
    step_noise[0] is there and has no effect. Do not limit the pictures to [-1, 1] or any other range.

    A worked example: betas = [0.36, 0.19], x_T = [1.0], step_noise = [[5.0], [2.0]], and the model that is perfect for
    data of mean 0 and spread 1: model(x, t) = sqrt(1 - alpha-bar_t) * x. The alphas are [0.64, 0.81] and the
    alpha-bars [0.64, 0.5184].

        t = 1    noise_pred = sqrt(0.4816) * 1.0 = 0.693974
                 mean = (1.0 - 0.19 / sqrt(0.4816) * 0.693974) / 0.9 = 0.9
                 picture = 0.9 + sqrt(0.19) * 2.0 = 1.771780
        t = 0    noise_pred = 0.6 * 1.771780 = 1.063068
                 mean = (1.771780 - 0.36 / 0.6 * 1.063068) / 0.8 = 1.417424

    The result is [1.417424].

    Write the loop yourself: importing diffusers is not allowed here.
    """
    raise NotImplementedError
