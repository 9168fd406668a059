"""The two ways a run can end early, each with the exit status it stands for."""


class UsageError(Exception):
    """Something the person at the keyboard can fix; its text is one sentence with the remedy (exit status 2)."""


class GraderError(Exception):
    """The grader itself broke; never the fault, and never the zero, of a submission (exit status 3)."""
