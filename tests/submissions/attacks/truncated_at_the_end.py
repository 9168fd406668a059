"""Sends half an answer and ends."""

import os

from kit import say

from grader.sandbox.wire import frames, messages

EXERCISE = "strength_to_t_start"
SAYS = "did not return: the process that ran your code ended unexpectedly, with exit status 0"


def strength_to_t_start(strength, num_inference_steps):
    say(frames.encode_frame(messages.Loaded("x" * 100), [])[:50])
    os._exit(0)
