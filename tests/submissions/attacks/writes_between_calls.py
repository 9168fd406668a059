"""Leaves a thread behind that fills the disk while nobody asks anything."""

import threading
import time

EXERCISE = "strength_to_t_start"
SAYS = "Strength 0.7 of 50 steps must start at index 15."
PIECE = bytes(2**20)


def fill():
    time.sleep(0.05)
    for number in range(30):
        with open(f"file{number}", "wb") as file:
            for _ in range(10):
                file.write(PIECE)


threading.Thread(target=fill, daemon=True).start()


def strength_to_t_start(strength, num_inference_steps):
    return -1
