"""Says what a worker says in which the grader itself broke, so that the grader takes the blame."""

from kit import say_message

from grader.sandbox.wire import messages

EXERCISE = "strength_to_t_start"
SAYS = "sent back something that cannot be read"


def strength_to_t_start(strength, num_inference_steps):
    say_message(messages.Fault("RuntimeError", "LEAK:the grader takes the blame", "\x1b[31mno"))
