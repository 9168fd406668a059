"""The PSNR is computed from the absolute error.

PSNR is about the mean *squared* error. A few large errors and many small ones may have the same mean, and very
different squares.
"""

import math
from typing import Any

import torch

CAUGHT_BY = "test_psnr_is_in_decibels"


@torch.no_grad()
def reconstruction_error(vae: Any, image: torch.Tensor) -> dict[str, Any]:
    """Return decibels of another error."""
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
        "psnr": _decibels([error**2 for error in _mean_of_each(errors.abs())]),
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
    return [10 * math.log10(1 / error) for error in squared_errors]
