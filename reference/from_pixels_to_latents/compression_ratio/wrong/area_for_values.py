"""compression_ratio compares areas: the channels are forgotten.

Every number has to be stored, and a place of a picture holds 3 of them while a place of the latent holds 4. For 512 x
512 pixels the area shrinks 64 times, but the numbers only 48 times, because the latent has more channels.
"""

import math

CAUGHT_BY = "test_compression_counts_all_numbers"


def compression_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return the ratio of the areas, again."""
    return math.prod(image_shape[1:]) / math.prod(latent_shape[1:])


def spatial_cost_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return the ratio of the areas."""
    return math.prod(image_shape[1:]) / math.prod(latent_shape[1:])
