"""The peak is not squared where the error is.

PSNR compares squares: the largest error squared over the mean squared error. With errors in levels that is 255 squared
over their mean square. Here the 255 stands alone, so every picture seems 24 dB worse than it is.
"""

import math
from typing import Any

import torch

CAUGHT_BY = "test_psnr_is_in_decibels"


@torch.no_grad()
def reconstruction_error(vae: Any, image: torch.Tensor) -> dict[str, Any]:
    """Return a PSNR that is 24 dB too low."""
    latents = _encode(vae, image)
    decoded = vae.decode(latents / vae.config.scaling_factor).sample.clamp(-1, 1)
    errors = (decoded - image) / 2
    squared_errors = _mean_of_each(errors.square())
    latent_errors = _mean_of_each((_encode(vae, decoded) - latents).abs())
    return {
        "latents": latents,
        "decoded": decoded,
        "absolute_errors": _mean_of_each(errors.abs()),
        "squared_errors": squared_errors,
        "psnr": _decibels(squared_errors),
        "latent_errors": latent_errors,
    }


def _encode(vae: Any, image: torch.Tensor) -> torch.Tensor:
    """Return the scaled latents of pictures."""
    return vae.encode(image).latent_dist.mode() * vae.config.scaling_factor


def _mean_of_each(numbers: torch.Tensor) -> list[float]:
    """Return the mean over everything but the batch."""
    return numbers.flatten(1).mean(dim=1).tolist()


def _decibels(squared_errors: list[float]) -> list[float]:
    """Return the peak signal-to-noise ratio of each squared error, for the peak 1."""
    return [10 * math.log10(255 / (error * 255**2)) for error in squared_errors]
