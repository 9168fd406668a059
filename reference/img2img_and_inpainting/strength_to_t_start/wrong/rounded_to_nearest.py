"""The number of steps is rounded to the nearest whole number.

int() cuts off what comes after the point, round() goes to the nearer side. They differ for half of all
strengths: 0.55 of 10 steps are 5.5, and 5 of them run. The pipelines cut, so a start that was rounded is
not theirs.
"""

CAUGHT_BY = "test_part_of_a_step_does_not_run"


def strength_to_t_start(strength: float, num_inference_steps: int) -> int:
    """Return the start by rounding."""
    return num_inference_steps - round(num_inference_steps * strength)
