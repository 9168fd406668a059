"""Nests an answer four million levels deep."""

from kit import say_structure

EXERCISE = "strength_to_t_start"
SAYS = "sent back something that cannot be read: an answer that is no message of ours"


def strength_to_t_start(strength, num_inference_steps):
    say_structure(b"\x91" * 4_000_000 + b"\xc0")
