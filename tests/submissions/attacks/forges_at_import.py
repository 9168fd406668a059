"""Answers the order to load its files itself, with a fault of the grader, when it is imported."""

from kit import say_message

from grader.sandbox.wire import messages

EXERCISE = "strength_to_t_start"
SAYS = "Importing your file failed: it sent back something that cannot be read"


def strength_to_t_start(strength, num_inference_steps):
    return -1


say_message(messages.Fault("RuntimeError", "LEAK:the grader takes the blame", ""))
