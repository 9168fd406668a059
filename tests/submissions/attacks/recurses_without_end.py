"""Recurses without end, past every limit of Python's, until the stack is used up."""

import sys

EXERCISE = "strength_to_t_start"
SAYS = "ended unexpectedly: it was killed by SIGSEGV (recursion without end?)"


class Mirror:
    def __repr__(self):
        return repr(self)


def strength_to_t_start(strength, num_inference_steps):
    sys.setrecursionlimit(2**31 - 1)
    return repr(Mirror())
