"""The product is rounded to a few decimals before it is cut.

Rounding first repairs 28.999999999999996, but to three decimals it also lifts 28.9999 to 29, and a step runs that is
not complete. A guard against float rounding must be no larger than float rounding, as round(..., 9) is.
"""

CAUGHT_BY = "test_part_of_a_step_does_not_run"


def strength_to_t_start(strength: float, num_inference_steps: int) -> int:
    """Return the start, cut from a rounded product."""
    return num_inference_steps - min(int(round(num_inference_steps * strength, 3)), num_inference_steps)
