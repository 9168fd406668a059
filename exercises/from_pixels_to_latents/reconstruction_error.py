"""An experiment: what pictures lose on their way through the autoencoder, measured in pixels and in latents."""

from typing import Any

import torch


def reconstruction_error(vae: Any, image: torch.Tensor) -> dict[str, Any]:
    """Encode and decode B pictures, and measure what comes back of each.

        latents = vae.encode(image).latent_dist.mode() * vae.config.scaling_factor
        decoded = vae.decode(latents / vae.config.scaling_factor).sample, cut off at -1 and at 1
        again   = latents once more, this time of decoded

    Errors of pixels are parts of the whole range. From black, -1, to white, 1, the range is 2 wide, so

        error = (decoded - image) / 2            [B, 3, H, W]

    White in place of black is an error of 1. (Times 255, an error is in levels.)

    What you return: a dict with these six keys. Each list has a number for each picture, in the order of image, and
    what stands there does not depend on the other pictures.

        "latents"          [B, 4, H / f, W / f]: the latents of image, scaled
        "decoded"          [B, 3, H, W]: the pictures that came back, from -1 to 1
        "absolute_errors"  a list of B floats: the mean of |error| over all pixels and channels of the picture
        "squared_errors"   a list of B floats: the mean of error^2, taken in the same way
        "psnr"             a list of B floats, in decibels: 10 * log10(1 / squared error), with the logarithm to base 10
        "latent_errors"    a list of B floats: the mean of |again - latents| over all numbers of the picture's latents

    PSNR is the peak signal-to-noise ratio: the square of the largest possible error, which is 1 here, over the mean
    squared error. More is better, and 10 dB more is a tenth of the squared error. It is often computed for levels,
    with 255 * 255 in place of the 1. For errors in levels that gives the same number of decibels.

    What you get:

        vae    an AutoencoderKL. Each of its latent places stands for a square of pixels, f by f. Its scaling factor is
               in its config: do not write a number into your code
        image  [B, 3, H, W], float32, from -1 to 1, B >= 1. H and W are multiples of f, and need not be equal

    The tensors that you return are float32 and carry no graph (use torch.no_grad()). Do not round anything to levels,
    draw no random numbers, and do not change image.

    Something to see in the results: hand in a checkerboard of single pixels, black and white. It comes back grey, and
    every pixel is off by a half. Its latent error is as small as that of any picture all the same. The encoder does not
    see the squares, so its latents are nearly those of grey, and stay so. What never was in the latents cannot be
    missing there: only pixels show what the autoencoder loses.

    A worked example, of a picture of three numbers only: -1.0, 0.5 and 1.0 are decoded to -0.8, 0.2 and 1.3. Cut off,
    1.3 is 1.0. The errors are 0.1, -0.15 and 0.0, so the absolute error is 0.083333, the squared error 0.010833, and
    the PSNR 19.652 dB.
    """
    raise NotImplementedError
