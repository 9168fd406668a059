"""Sends a map whose keys are maps, and dates that no calendar has."""

from kit import say_structure

EXERCISE = "strength_to_t_start"
SAYS = "sent back something that cannot be read"


def strength_to_t_start(strength, num_inference_steps):
    say_structure(b"\x81\x80\xc0" if strength < 1 else b"\xc7\x0c\xff" + b"\xff" * 12)
