"""The straight line between two latents."""

import torch


def interpolate_latents(z_a: torch.Tensor, z_b: torch.Tensor, weight: float) -> torch.Tensor:
    """Return the point on the straight line from z_a to z_b that the weight says.

        result = (1 - weight) * z_a + weight * z_b

    What you get:

        z_a, z_b  two latents of the same shape, [B, C, h, w] or any other
        weight    a float. 0.0 gives z_a, 1.0 gives z_b (up to rounding), 0.5 the middle. Below 0 and above 1 the line
                  goes on beyond the ends, by the same formula

    Both tensors have the same dtype, float32 or float64. The result has their shape and dtype. Do not change the
    inputs. The line is straight: do not rescale what is in between. (Noise is often interpolated along a circle
    instead, "spherically", to keep its spread. That is another function, and not asked here.)

    A worked example: z_a = [2.0, 0.0], z_b = [6.0, 1.0]. weight = 0.25 gives [3.0, 0.25], weight = 1.5 gives
    [8.0, 1.5], and weight = -0.5 gives [0.0, -0.5].
    """
    raise NotImplementedError
