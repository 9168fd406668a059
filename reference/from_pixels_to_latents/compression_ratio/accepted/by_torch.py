"""Asks torch how many numbers a shape holds, and returns a tensor without dimensions."""

import torch


def compression_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return the ratio of the numbers stored."""
    return torch.tensor(torch.Size(image_shape).numel() / torch.Size(latent_shape).numel())


def spatial_cost_ratio(image_shape: tuple[int, int, int], latent_shape: tuple[int, int, int]) -> float:
    """Return the ratio of the areas."""
    sizes = torch.tensor([image_shape, latent_shape])[:, 1:].prod(dim=1)
    return sizes[0] / sizes[1]
