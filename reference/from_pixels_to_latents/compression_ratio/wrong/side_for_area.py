"""spatial_cost_ratio compares the sides, not the areas.

A latent is 8 times smaller in height and in width, so it has 64 times fewer places. The factor of an autoencoder
describes the side, but the work depends on the area.
"""

import math

CAUGHT_BY = "test_cost_counts_places_only"


def compression_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return the ratio of the numbers stored."""
    return math.prod(image_shape) / math.prod(latent_shape)


def spatial_cost_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return the ratio of the heights."""
    return image_shape[1] / latent_shape[1]
