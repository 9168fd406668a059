"""Reads the address 0."""

import ctypes

EXERCISE = "strength_to_t_start"
SAYS = "the process that ran your code ended unexpectedly: it was killed by SIGSEGV"


def strength_to_t_start(strength, num_inference_steps):
    return ctypes.string_at(0)
