"""Returns arguments whose type and text would rewrite the terminal, by changing how the worker describes them."""

import torch

from grader.sandbox.wire import values

EXERCISE = "restore_rows"
SAYS = "The table after the call"
ESCAPES = "\x1b[2J\x9b31m\u202epassed\u2066\r"
BAD = type("Passed" + ESCAPES, (), {"__repr__": lambda self: ESCAPES})


def restore_rows(table, original, trained_ids):
    print(ESCAPES)
    values.Encoder._encoders[torch.nn.Parameter] = lambda *_: values.opaque(BAD())
