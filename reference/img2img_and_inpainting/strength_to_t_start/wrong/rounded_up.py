"""The number of steps is rounded up.

0.75 of 50 steps are 37.5, and 37 of them run: int() cuts off the half. Rounded up, 38 would run, and the
slightest strength would run a whole step.
"""

import math

CAUGHT_BY = "test_part_of_a_step_does_not_run"


def strength_to_t_start(strength: float, num_inference_steps: int) -> int:
    """Return the start with one step more."""
    return num_inference_steps - min(math.ceil(num_inference_steps * strength), num_inference_steps)
