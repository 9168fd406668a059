"""How much of the picture is left where img2img starts: alpha-bar at the sampler's own timestep."""

import torch


def start_alpha_bar(strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor) -> float:
    """Return alpha-bar at the first timestep that runs, and 1.0 if nothing runs.

    The noised picture is sqrt(alpha-bar) times the picture plus sqrt(1 - alpha-bar) times noise, so alpha-bar
    says how much of the picture the sampler gets to see.

    What you get:

        strength        a float from 0.0 to 1.0
        timesteps       [n], integers, n >= 1: the sampler's timesteps, from the noisiest to the least noisy
        alphas_cumprod  [T], T >= n, float32 or float64: alpha-bar of every training timestep, from the least
                        noisy (index 0) to the noisiest

    The timesteps are falling integers from 0 to T - 1, and their distances may be anything: samplers space them
    in several ways. Of the n timesteps the last min(int(n * strength), n) run, as in strength_to_t_start; the
    first of these is the start. Look alpha-bar up *there*: do not compute the timestep from the strength.

    What you return: a float. If not a single step runs (strength 0.0, or so little that not one step fits) it is
    1.0: no noise is added, and the picture stays whole.

    A worked example: timesteps = [9, 7, 5, 3, 1] and
    alphas_cumprod = [0.99, 0.95, 0.9, 0.8, 0.7, 0.55, 0.4, 0.3, 0.2, 0.1].

        strength 1.0   all 5 run, from timestep 9                           0.1
        strength 0.5   int(2.5) = 2 run, from index 3, which is timestep 3  0.8
        strength 0.1   int(0.5) = 0 run                                     1.0

    The same strength means more or less noise with other timesteps. For Stable Diffusion's schedule and 50 steps,
    strength 0.7 runs 35 and starts at index 15:

        timesteps 981, 961, ..., 21, 1     starts at 681    0.094637
        timesteps 999, 979, ..., 20, 0     starts at 693    0.086843
        timesteps 999, 979, ..., 39, 19    starts at 699    0.083128

    Where n * strength is a whole number, floats may fall to either side of it. There, only strength 0, strength 1
    and the examples above are checked. Do not change the inputs.

    Write it yourself: importing diffusers is not allowed here.
    """
    raise NotImplementedError
