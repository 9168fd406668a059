"""Uses math.floor and clamps with max."""

import math


def strength_to_t_start(strength: float, num_inference_steps: int) -> int:
    """Return n - floor(n * strength), and not less than 0."""
    return max(num_inference_steps - math.floor(num_inference_steps * strength), 0)
