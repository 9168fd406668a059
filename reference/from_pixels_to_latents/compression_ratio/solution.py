"""Two ratios of shapes, by the formulas of the statement."""

import math


def compression_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return the ratio of the numbers stored."""
    # step: Multiply the numbers of each shape, and divide the picture's product by the latents'.
    # blank: return ____ / ____
    return math.prod(image_shape) / math.prod(latent_shape)


def spatial_cost_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return the ratio of the areas."""
    # step: Do the same with height and width alone.
    # blank: return ____ / ____
    return math.prod(image_shape[1:]) / math.prod(latent_shape[1:])
