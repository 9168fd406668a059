"""Raises KeyboardInterrupt, as if the person at the keyboard had stopped the grader."""

EXERCISE = "strength_to_t_start"
SAYS = "raised KeyboardInterrupt"


def strength_to_t_start(strength, num_inference_steps):
    raise KeyboardInterrupt
