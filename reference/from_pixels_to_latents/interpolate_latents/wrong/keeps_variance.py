"""The weights are square roots, so that their squares add up to 1.

sqrt(1 - w) and sqrt(w) keep the variance when picture and *noise* are mixed. Between two pictures they do not
lie on the straight line: two equal latents would give one that is 1.41 times as strong in the middle.
"""

import torch

CAUGHT_BY = "test_between_the_ends_the_line_is_straight"


def interpolate_latents(z_a: torch.Tensor, z_b: torch.Tensor, weight: float) -> torch.Tensor:
    """Return the mixture as if one were noise."""
    inside = min(max(weight, 0.0), 1.0)
    return (1 - inside) ** 0.5 * z_a + inside**0.5 * z_b
