"""The spatial ratio is upside down: the latent's share of the places.

1/64 says how many places the latent has compared with the picture. The statement asks how many times *fewer* these are:
divide the picture's places by the latent's.
"""

import math

CAUGHT_BY = "test_cost_counts_places_only"


def compression_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return how many times fewer numbers there are."""
    return math.prod(image_shape) / math.prod(latent_shape)


def spatial_cost_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return how many times fewer places there are, the wrong way."""
    return math.prod(latent_shape[1:]) / math.prod(image_shape[1:])
