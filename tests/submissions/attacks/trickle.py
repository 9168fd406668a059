"""Sends a byte now and then, so that something is always on its way, and uses CPU time in between."""

import signal
import time

from kit import say

from grader.sandbox import limits
from grader.sandbox.wire import frames

EXERCISE = "strength_to_t_start"
SAYS = "was stopped after"
ENDLESS = True


def strength_to_t_start(strength, num_inference_steps):
    signal.setitimer(signal.ITIMER_PROF, 0)
    say(frames._HEADER.pack(b"grd1", limits.MAX_STRUCTURE_BYTES, 0))
    while True:
        say(b"x")
        until = time.process_time() + 0.005
        while time.process_time() < until:
            pass
