"""What is decoded to less than -1 or more than 1 is left as it is.

No pixel can be whiter than white: on a screen these numbers are cut off, so a decoder is not to blame for them.
"""

import math
from typing import Any

import torch

CAUGHT_BY = "test_decoded_pictures_belong_to_the_latents"


@torch.no_grad()
def reconstruction_error(vae: Any, image: torch.Tensor) -> dict[str, Any]:
    """Return numbers out of range."""
    latents = _encode(vae, image)
    decoded = vae.decode(latents / vae.config.scaling_factor).sample
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
    return [10 * math.log10(1 / error) for error in squared_errors]
