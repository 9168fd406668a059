"""The start of img2img: the picture's latents with the noise of the first timestep that runs."""

import torch


def noise_to_start(
    z_0: torch.Tensor,
    noise: torch.Tensor,
    strength: float,
    timesteps: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return where img2img starts and which timesteps are left to run: (z_start, remaining_timesteps).

    Of the n timesteps the last min(int(n * strength), n) run, as in strength_to_t_start. With t the first of
    them:

        z_start = sqrt(alpha-bar_t) * z_0 + sqrt(1 - alpha-bar_t) * noise        if some run, but strength < 1
        z_start = noise                                                          if strength = 1
        z_start = z_0                                                            if none run

    What you get:

        z_0             [B, C, h, w], the latents of the picture
        noise           standard normal noise, same shape, already drawn for you
        strength        a float from 0.0 to 1.0
        timesteps       [n], integers from 0 to T - 1, n >= 1: the sampler's timesteps, from the noisiest to the
                        least noisy, at any distances
        alphas_cumprod  [T], T >= n: alpha-bar of every training timestep, from the least noisy (index 0) to the
                        noisiest

    z_0, noise and alphas_cumprod have the same dtype, float32 or float64.

    What you return: z_start, with the shape and the dtype of z_0, and remaining_timesteps, the part of timesteps
    that runs, as a tensor of the same dtype and in the same order. If none run it is empty, with shape [0].

    Strength 1 keeps nothing of the picture, so it is exactly text-to-image from this noise. The formula alone would not
    do that: Stable Diffusion's alpha-bar is 0.0047 at the last training timestep, and the picture would shine through
    with a weight of 0.068.

    A worked example: timesteps = [3, 1], alphas_cumprod = [0.98, 0.64, 0.4, 0.1], z_0 = [[[[1.0, 2.0]]]] and
    noise = [[[[-1.0, 0.5]]]].

        strength 1.0    [[[[-1.0, 0.5]]]] and [3, 1]    noise alone
        strength 0.6    [[[[ 0.2, 1.9]]]] and [1]       int(1.2) = 1 runs; the weights are 0.8 and 0.6
        strength 0.4    [[[[ 1.0, 2.0]]]] and []        int(0.8) = 0 run: z_0 as it is

    Where n * strength is a whole number, floats may fall to either side of it. There, only strength 0 and
    strength 1 are checked. Do not change the inputs, and draw no random numbers.

    Write the formula yourself: importing diffusers is not allowed here.
    """
    raise NotImplementedError
