"""Announces an answer of 2**62 bytes."""

import os

from kit import say

from grader.sandbox.wire import frames

EXERCISE = "strength_to_t_start"
SAYS = "sent back something that cannot be read: more than"


def strength_to_t_start(strength, num_inference_steps):
    say(frames._HEADER.pack(b"grd1", 100, 2**62) + bytes(10_000))
    os._exit(0)
