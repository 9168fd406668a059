"""The compression ratio is upside down: the latent's share of the picture.

1/48 says how large the latent is compared with the picture. The statement asks how many times *smaller* it is:
divide the picture's numbers by the latent's.
"""

import math

CAUGHT_BY = "test_compression_counts_all_numbers"


def compression_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return how many times fewer numbers there are, the wrong way."""
    return math.prod(latent_shape) / math.prod(image_shape)


def spatial_cost_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return how many times fewer places there are."""
    return math.prod(image_shape[1:]) / math.prod(latent_shape[1:])
