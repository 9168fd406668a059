"""Describes a NumPy array with no items and 2**124 bytes."""

from kit import say_result

EXERCISE = "strength_to_t_start"
SAYS = "sent back something that cannot be read"


def strength_to_t_start(strength, num_inference_steps):
    say_result(result=["array", "<f4", [0] + [2**31 - 1] * 4])
