"""Says what a worker says that could not be confined, so that the grader takes the blame."""

from kit import say_message

from grader.sandbox import messages

EXERCISE = "strength_to_t_start"
SAYS = "answered with something that is no data"


def strength_to_t_start(strength, num_inference_steps):
    say_message(messages.Refused("The worker could not be confined: \x1b[31mno"))
