"""Multiplies the ratios of the single axes."""


def compression_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return the ratio of the numbers stored."""
    ratio = 1.0
    for image_size, latent_size in zip(image_shape, latent_shape, strict=True):
        ratio *= image_size / latent_size
    return ratio


def spatial_cost_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return the ratio of the areas."""
    return compression_ratio((1, *image_shape[1:]), (1, *latent_shape[1:]))
