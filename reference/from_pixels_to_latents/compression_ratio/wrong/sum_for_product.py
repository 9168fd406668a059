"""The sides of the shapes are added instead of multiplied.

A tensor of shape (3, 4, 5) holds 3 * 4 * 5 = 60 numbers, not 12: one for every combination of channel, row and
column.
"""

CAUGHT_BY = "test_compression_counts_all_numbers"


def compression_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return the ratio of the sums."""
    return sum(image_shape) / sum(latent_shape)


def spatial_cost_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return the ratio of the sums."""
    return sum(image_shape[1:]) / sum(latent_shape[1:])
