"""The spatial ratio is cut to a whole number.

`//` drops what comes after the point. 64 happens to be whole, but a latent that is not a whole part of the picture has
another ratio: 4 places to 3 are 1.33. `/` gives a float.
"""

import math

CAUGHT_BY = "test_cost_counts_places_only"


def compression_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return how many times fewer numbers there are."""
    return math.prod(image_shape) / math.prod(latent_shape)


def spatial_cost_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return how many times fewer places there are, the wrong way."""
    return math.prod(image_shape[1:]) // math.prod(latent_shape[1:])
