"""spatial_cost_ratio squares the ratio of the widths.

An autoencoder has one factor for both sides, so the square is right for its latents. The ratio of two shapes is not
bound to that: height and width may shrink by different factors.
"""

import math

CAUGHT_BY = "test_cost_counts_places_only"


def compression_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return the ratio of the numbers stored."""
    return math.prod(image_shape) / math.prod(latent_shape)


def spatial_cost_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return the square of the ratio of the widths."""
    return (image_shape[2] / latent_shape[2]) ** 2
