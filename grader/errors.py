"""The ways a run or a check can end early."""


class UsageError(Exception):
    """Something the person at the keyboard can fix; its text is one sentence with the remedy (exit status 2)."""


class GraderError(Exception):
    """The grader itself broke; never the fault, and never the zero, of a submission (exit status 3)."""


class NotAskedError(Exception):
    """A check that can decide nothing here, such as in a precision that hides mistakes: it is pending, not failed."""
