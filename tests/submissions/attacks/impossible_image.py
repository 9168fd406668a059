"""Describes a picture of no height and two billion pixels width."""

from kit import say_result

EXERCISE = "strength_to_t_start"
SAYS = "`strength_to_t_start` "


def strength_to_t_start(strength, num_inference_steps):
    say_result(result=["image", "RGB", [2**31 - 1, 0]])
