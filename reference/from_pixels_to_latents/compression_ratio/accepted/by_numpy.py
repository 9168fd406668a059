"""Multiplies with NumPy and returns NumPy's number."""

import numpy as np


def compression_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return the ratio of the numbers stored."""
    return np.prod(image_shape) / np.prod(latent_shape)


def spatial_cost_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return the ratio of the areas."""
    return np.prod(image_shape[-2:]) / np.prod(latent_shape[-2:])
