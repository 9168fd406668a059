"""Leaves out the arguments that the judge asked to see after the call."""

from kit import say_result

EXERCISE = "restore_rows"
SAYS = "sent back something that cannot be read"


def restore_rows(table, original, trained_ids):
    say_result(arguments=[])
