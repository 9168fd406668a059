"""Takes the shapes apart by name."""


def compression_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return the ratio of the numbers stored."""
    channels, height, width = image_shape
    c, h, w = latent_shape
    return (channels * height * width) / (c * h * w)


def spatial_cost_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return the ratio of the areas."""
    _, height, width = image_shape
    _, h, w = latent_shape
    return height / h * width / w
