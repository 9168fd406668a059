"""Sends a traceback of 90,000 lines and a message of two million characters."""

from kit import call, say_message

from grader.sandbox.wire import messages

EXERCISE = "strength_to_t_start"
SAYS = "`strength_to_t_start` raised"


def strength_to_t_start(strength, num_inference_steps):
    if strength == 0.7:
        say_message(messages.Raised(call().number, "E" * 1_000_000, "m" * 1_000_000, [], "p" * 1_000_000, False))
    say_message(messages.Raised(call().number, "E", "m", [messages.Frame("", 0, "", "")] * 90_000, "", False))
