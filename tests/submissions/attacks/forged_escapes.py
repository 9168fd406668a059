"""Sends escapes for the terminal in every field of an answer that is text."""

from kit import call, say_message, say_result

from grader.sandbox.wire import messages

EXERCISE = "restore_rows"
SAYS = "`restore_rows` raised"
BAD = "\x1b[2J\u202e"


def restore_rows(table, original, trained_ids):
    if len(table) != 3:
        say_result(arguments=[["opaque", BAD, BAD]] * 3)
    frame = messages.Frame(BAD, -(2**63), BAD, BAD)
    say_message(messages.Raised(call().number, BAD, BAD, [frame, frame], BAD, False))
