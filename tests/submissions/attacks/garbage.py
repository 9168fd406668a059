"""Answers with bytes that are no frame at all."""

import os
import random

from kit import say

EXERCISE = "strength_to_t_start"
SAYS = "sent back something that cannot be read: the answer does not start like one"


def strength_to_t_start(strength, num_inference_steps):
    say(random.randbytes(100_000))
    os._exit(0)
