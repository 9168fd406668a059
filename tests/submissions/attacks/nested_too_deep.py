"""Nests an answer deeper than values may be, and not too deep for MessagePack."""

from kit import say_result

EXERCISE = "strength_to_t_start"
SAYS = "sent back something that cannot be read"


def strength_to_t_start(strength, num_inference_steps):
    tree = 15
    for _ in range(500):
        tree = ["list", tree]
    say_result(result=tree)
