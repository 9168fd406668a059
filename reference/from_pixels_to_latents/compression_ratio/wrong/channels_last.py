"""The shapes are read with the channels last.

Picture files and NumPy have (H, W, C); torch, and this statement, have (C, H, W). The number of values comes
out the same in either order, but the area does not: the first two of (3, 512, 512) are channels and height.
"""

import math

CAUGHT_BY = "test_cost_counts_places_only"


def compression_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return the ratio of the numbers stored."""
    return math.prod(image_shape) / math.prod(latent_shape)


def spatial_cost_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return the ratio of the areas."""
    return math.prod(image_shape[:2]) / math.prod(latent_shape[:2])
