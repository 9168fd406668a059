"""The compression ratio is cut to a whole number.

`//` drops what comes after the point. 48 happens to be whole, but a latent with other channels has another ratio:
3 channels to 5 at equal size is 0.6, not 0. `/` gives a float.
"""

import math

CAUGHT_BY = "test_compression_counts_all_numbers"


def compression_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return how many times fewer numbers there are, the wrong way."""
    return math.prod(image_shape) // math.prod(latent_shape)


def spatial_cost_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return how many times fewer places there are."""
    return math.prod(image_shape[1:]) / math.prod(latent_shape[1:])
