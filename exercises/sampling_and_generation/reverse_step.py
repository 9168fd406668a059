"""One step of the reverse process, from `x_t` to the slightly less noisy `x_{t-1}`."""

import torch


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return x_{t-1}: remove the share of noise that belongs to this step, then add fresh noise.

    With t = timestep, counted from 0 (the least noisy):

        alpha_t     = 1 - beta_t
        alpha-bar_t = alpha_0 * alpha_1 * ... * alpha_t        (alpha_t included)

        mean    = (x_t - beta_t / sqrt(1 - alpha-bar_t) * noise_pred) / sqrt(alpha_t)
        x_{t-1} = mean + sqrt(beta_t) * z                      if t > 0
        x_{t-1} = mean                                         if t = 0: the last step adds no noise

    What you get:

        x_t         the noisy picture, of any shape: [n], [H, W], [B, C, H, W], ...
        noise_pred  the noise that the model sees in x_t, same shape
        timestep    an int from 0 to T - 1, an index into betas
        betas       [T], T >= 1, each between 0.0001 and 0.999
        z           standard normal noise, same shape as x_t, already drawn for you

    With betas in these bounds no root is ever 0, so nothing needs to be added under a root: at timestep 0 of a usual
    schedule 1 - alpha-bar_0 is 0.0001, and even 0.00001 more would show.

    All four tensors have the same dtype, float32 or float64. The result has the shape and the dtype of x_t.
    Do not change the inputs, and draw no random numbers: all the randomness of the step is in z, so the same
    inputs give the same result. At timestep 0, z is there and has no effect. Do not limit the result, or an estimate of
    x_0 on the way, to [-1, 1] or any other range: latents go beyond it.

    The noise has standard deviation sqrt(beta_t). Other texts use the posterior variance
    beta_t * (1 - alpha-bar_{t-1}) / (1 - alpha-bar_t) instead of beta_t; that is valid there, and not asked
    here.

    A worked example: betas = [0.1, 0.2], timestep = 1, x_t = [1.0], noise_pred = [0.5], z = [1.0].
    alpha_1 = 0.8 and alpha-bar_1 = 0.9 * 0.8 = 0.72, so
    mean = (1 - 0.2 / sqrt(0.28) * 0.5) / sqrt(0.8) = 0.811018 / 0.894427 = 0.906745,
    and the result is [0.906745 + sqrt(0.2) * 1] = [1.353959]. At timestep 0 the same x_t, noise_pred and z
    give [0.887426].

    Write the formula yourself: importing diffusers is not allowed here.
    """
    raise NotImplementedError
