"""Announces as much as is allowed, sends none of it, and uses CPU time."""

from kit import forever, say

from grader.sandbox import limits
from grader.sandbox.wire import frames

EXERCISE = "strength_to_t_start"
SAYS = "was stopped after"
ENDLESS = True


def strength_to_t_start(strength, num_inference_steps):
    say(frames._HEADER.pack(b"grd1", limits.MAX_STRUCTURE_BYTES, limits.MAX_BUFFER_BYTES))
    forever()
