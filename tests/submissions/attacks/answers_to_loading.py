"""Answers a call with what loading is answered with."""

from kit import say_message

from grader.sandbox.wire import messages

EXERCISE = "strength_to_t_start"
SAYS = "sent back something that cannot be read"


def strength_to_t_start(strength, num_inference_steps):
    say_message(messages.Loaded("passed"))
