"""Answers every question many times over, the next questions included."""

from kit import call, say

from grader.sandbox.wire import frames, messages

EXERCISE = "strength_to_t_start"
SAYS = "sent back something that cannot be read"


def strength_to_t_start(strength, num_inference_steps):
    for number in range(call().number, call().number + 5):
        say(frames.encode_frame(messages.Returned(number, -1, None, None, ""), []))
    return -1
