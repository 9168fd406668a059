"""Describes a tensor with no items and sizes whose product no integer holds."""

from kit import say_result

EXERCISE = "strength_to_t_start"
SAYS = "`strength_to_t_start` "


def strength_to_t_start(strength, num_inference_steps):
    say_result(result=["tensor", "float32", [0] + [2**31 - 1] * 15, False, False, None])
