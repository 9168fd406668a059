"""Answers a later question instead of this one."""

from kit import call, say_message

from grader.sandbox.wire import messages

EXERCISE = "strength_to_t_start"
SAYS = "sent back something that cannot be read: an answer to another question"


def strength_to_t_start(strength, num_inference_steps):
    say_message(messages.Returned(call().number + 1, 15, None, None, ""))
