"""Sends four million times nothing, a byte each."""

from kit import say_structure

EXERCISE = "strength_to_t_start"
SAYS = "sent back something that cannot be read"


def strength_to_t_start(strength, num_inference_steps):
    count = 4_000_000
    say_structure(b"\xdd" + count.to_bytes(4, "big") + b"\xc0" * count)
