"""Fills the disk with files that have no name: deleted while they are open, or made without one."""

import os

EXERCISE = "strength_to_t_start"
SAYS = "`strength_to_t_start` "
PIECE = bytes(2**20)
HELD = []


def strength_to_t_start(strength, num_inference_steps):
    total = 0
    for number in range(6):
        if number % 2:
            HELD.append(os.open(".", os.O_TMPFILE | os.O_RDWR))
        else:
            HELD.append(os.open("named", os.O_CREAT | os.O_RDWR))
            os.unlink("named")
        for _ in range(16):
            total += os.write(HELD[-1], PIECE)
    raise RuntimeError(f"LEAK:{total >> 20} MiB of files that nobody sees")
