"""Nests an answer four million levels deep."""

from kit import say_structure

EXERCISE = "strength_to_t_start"
SAYS = "answered with something that is no data: an answer that is no message of ours"


def strength_to_t_start(strength, num_inference_steps):
    say_structure(b"\x91" * 4_000_000 + b"\xc0")
