"""The second trip starts from the pictures that were handed in, and not from those that came back.

Encoded once more they give the latents that are there already, and nothing can differ. What is asked is how the encoder
sees the pictures that came back.
"""

import math
from typing import Any

import torch

CAUGHT_BY = "test_latent_errors_are_those_of_the_second_latents"


@torch.no_grad()
def reconstruction_error(vae: Any, image: torch.Tensor) -> dict[str, Any]:
    """Return latent errors of a trip that never was."""
    latents = _encode(vae, image)
    decoded = vae.decode(latents / vae.config.scaling_factor).sample.clamp(-1, 1)
    errors = (decoded - image) / 2
    squared_errors = _mean_of_each(errors.square())
    latent_errors = _mean_of_each((_encode(vae, image) - latents).abs())
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
