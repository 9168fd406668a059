"""The way goes along a circle instead of a straight line.

Spherical interpolation keeps the length of what is in between, which is good for pure noise. Latents of
pictures have no common length, and the statement asks for the straight line, with weights that add up to 1.
"""

import torch

CAUGHT_BY = "test_between_the_ends_the_line_is_straight"


def interpolate_latents(z_a: torch.Tensor, z_b: torch.Tensor, weight: float) -> torch.Tensor:
    """Return the point on the arc from one end to the other."""
    cosine = (z_a * z_b).sum() / (z_a.norm() * z_b.norm()).clamp(min=1e-6)
    omega = torch.acos(cosine.clamp(-0.9999, 0.9999))
    return (torch.sin((1 - weight) * omega) * z_a + torch.sin(weight * omega) * z_b) / torch.sin(omega)
