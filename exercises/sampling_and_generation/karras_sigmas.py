"""Where a sampler of few steps spends them: most of them where little noise is left."""

import torch


def karras_sigmas(sigma_min: float, sigma_max: float, steps: int) -> torch.Tensor:
    """Return the noise levels that a sampler visits, from sigma_max down to sigma_min and then 0.

    At the noise level sigma a picture is x_0 + sigma * noise: sigma is the spread of the noise. Four steps from
    sigma_max = 128 with sigma_min = 0.0078125 visit the levels

        128, 17.0859375, 1, 0.0078125, 0

    The seventh roots of the first four are 2, 1.5, 1 and 0.5: evenly spaced. So it is for any number of steps. With
    rho = 7 and i from 0 to steps - 1:

        sigma_i = (sigma_max^(1/rho) + i / (steps - 1) * (sigma_min^(1/rho) - sigma_max^(1/rho)))^rho

    After these comes one more level, 0: the last step leads from sigma_min to the clean picture.

    What you get:

        sigma_min  a float from 0.001 to 1, the lowest level above 0
        sigma_max  a float from 2 to 1000, the level that the sampler starts at
        steps      an int, 1 or more: how many steps the sampler takes, the one to 0 included; one less than the number
                   of levels

    What you return: a tensor [steps + 1] of float32, falling: the levels sigma_0 to sigma_{steps - 1}, and the 0. The
    first level is sigma_max, the last but one sigma_min, each up to rounding, and the last one is exactly 0.

    With steps = 1 the formula would divide 0 by 0. A sampler starts at sigma_max all the same, so the result is then
    [sigma_max, 0], and sigma_min has no effect.

    Another example, with the levels of Stable Diffusion: sigma_min = 0.0292, sigma_max = 14.6146 and steps = 5 give
    [14.6146, 4.797174, 1.274516, 0.248104, 0.0292, 0].

    Write the formula yourself: importing diffusers is not allowed here.
    """
    raise NotImplementedError
