"""Sends a byte every 100 ms and sleeps in between, using no CPU time."""

import time

from kit import say

from grader.sandbox import limits
from grader.sandbox.wire import frames

EXERCISE = "strength_to_t_start"
SAYS = "was stopped after"
ENDLESS = True
SLOW = True


def strength_to_t_start(strength, num_inference_steps):
    say(frames._HEADER.pack(b"grd1", limits.MAX_STRUCTURE_BYTES, 0))
    while True:
        say(b"x")
        time.sleep(0.1)
