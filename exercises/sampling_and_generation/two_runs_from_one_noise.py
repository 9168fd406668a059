"""An experiment: two samplers start from one noise, and how far apart they are is measured on the way."""

from collections.abc import Callable
from typing import Any

import torch


def two_runs_from_one_noise(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    shape: list[int],
    seed: int,
    betas: torch.Tensor,
    timesteps: torch.Tensor,
) -> dict[str, Any]:
    """Draw one x_T, run DDPM and DDIM from it, and measure how far apart they are on the way.

    A seed is not a noise. It is where a generator of random numbers begins, and what is drawn from it depends on what
    was drawn before. Two runs start from the same noise only if they are given the same tensor. So draw once, from a
    generator of your own:

        generator  = torch.Generator().manual_seed(seed)
        x_T        = standard normal noise from it                        [...], of the given shape
        step_noise = standard normal noise, from it as well               [T, ...]: step_noise[t] is that of timestep t

    In which order you draw the two, and in how many calls, is up to you; but do not seed anything a second time. The
    noises of all timesteps, and x_T, must have nothing to do with one another.

    Then run both from x_T:

        DDPM  as in ddpm_sample: all timesteps T - 1, ..., 0, with sigma_t = sqrt(beta_t) and step_noise, of which
              timestep 0 uses none
        DDIM  as in ddim_sample: the given timesteps, each leaping to the next and the last one to alpha-bar 1

    What you return: a dict with these five keys.

        "x_T"         [...]: the noise that both runs start from
        "step_noise"  [T, ...]: the fresh noise of DDPM's steps
        "ddpm"        [...]: the result of DDPM
        "ddim"        [...]: the result of DDIM
        "distances"   a list of n + 1 floats. distances[i] is the mean of |x_t of DDPM - x_t of DDIM| over all numbers,
                      where x_t is the picture that each run holds *before* its step at the timestep t = timesteps[i].
                      The last one is that of the two results

    Compare at the same timestep, not after the same number of steps: after three steps DDPM is still full of noise and
    DDIM may be finished. Both start at T - 1 from x_T, so the first distance is 0: until then they share everything.

    What you get:

        model      a function: model(x, timestep) returns the noise prediction, with the shape and the dtype of x.
                   timestep is one int, as in ddpm_sample
        shape      a list of ints, the shape of a picture: [n], [H, W], [B, C, H, W], ...
        seed       an int, 0 or more. The same seed gives the same results, another one gives other noise
        betas      [T], T >= 2, each between 0.0001 and 0.999, float32 or float64: the dtype of all noise and results
        timesteps  [n], n >= 1, integers from T - 1 to 0, falling, of which the first is T - 1

    Do not change the inputs, and do not limit the pictures to any range.

    A worked example for given noise: betas = [0.36, 0.19], so alpha-bar is [0.64, 0.5184]; timesteps = [1, 0]; and the
    model that is perfect for data of mean 0 and spread 1: model(x, t) = sqrt(1 - alpha-bar_t) * x. If x_T = [1.0] and
    step_noise = [[5.0], [2.0]] were drawn:

        DDPM  1.0 at timestep 1, 1.771780 at timestep 0, and at the end 1.417424
        DDIM  1.0 at timestep 1, 0.992384 at timestep 0, and at the end 0.793908

    so the distances would be [0.0, 0.779395, 0.623516].

    Write the loops yourself: importing diffusers is not allowed here.
    """
    raise NotImplementedError
