"""The strength is cut to a whole number before it is multiplied.

int(strength) * n cuts 0.7 to 0 and then multiplies: every strength below 1 counts as 0. The product has
to be taken first and cut afterwards; mind the brackets.
"""

CAUGHT_BY = "test_worked_examples"


def strength_to_t_start(strength: float, num_inference_steps: int) -> int:
    """Return the start for strength 0 or 1 only."""
    return num_inference_steps - int(strength) * num_inference_steps
