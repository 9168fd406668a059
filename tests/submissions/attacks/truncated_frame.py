"""Sends half an answer and waits."""

from kit import forever, say

from grader.sandbox.wire import frames, messages

EXERCISE = "strength_to_t_start"
SAYS = "was stopped after"
ENDLESS = True


def strength_to_t_start(strength, num_inference_steps):
    say(frames.encode_frame(messages.Loaded("x" * 100), [])[:50])
    forever()
