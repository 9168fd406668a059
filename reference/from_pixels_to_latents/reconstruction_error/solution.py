"""There and back, and measured on what came back, picture by picture."""

import math
from typing import Any

import torch


@torch.no_grad()
def reconstruction_error(vae: Any, image: torch.Tensor) -> dict[str, Any]:
    """Return latents, decoded pictures, and what each picture has lost."""
    # step: Encode the pictures, and decode what the scaling is taken off again.
    latents = _encode(vae, image)
    # step: Cut off what is decoded to less than -1 or more than 1.
    # blank: decoded = ____
    decoded = vae.decode(latents / vae.config.scaling_factor).sample.clamp(-1, 1)
    # step: Measure what every number is off by, in parts of the whole range.
    # blank: errors = ____
    errors = (decoded - image) / 2
    squared_errors = _mean_of_each(errors.square())
    # step: Encode what came back, and compare the latents too.
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
    # step: Take the mean of each picture by itself.
    # blank: return ____
    return numbers.flatten(1).mean(dim=1).tolist()


def _decibels(squared_errors: list[float]) -> list[float]:
    """Return the peak signal-to-noise ratio of each squared error, for the peak 1."""
    # step: Turn squared errors into decibels.
    # blank: return ____
    return [10 * math.log10(1 / error) for error in squared_errors]
