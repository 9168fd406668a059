"""spatial_cost_ratio counts the channels too.

The channels of picture and latent matter for the first and last layer only. In between every place has as many features
as the network was built with, so the cost follows the area: 64 times, not 48.
"""

import math

CAUGHT_BY = "test_cost_counts_places_only"


def compression_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return the ratio of the numbers stored."""
    return math.prod(image_shape) / math.prod(latent_shape)


def spatial_cost_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return the ratio of the numbers, again."""
    return math.prod(image_shape) / math.prod(latent_shape)
