"""Says that the judge had not asked to see the arguments after the call."""

from kit import say_result

EXERCISE = "restore_rows"
SAYS = "answered with something that is no data"


def restore_rows(table, original, trained_ids):
    say_result(arguments=None)
