"""Leaves a thread behind that goes on writing, byte by byte, while nobody asks anything."""

import threading

EXERCISE = "strength_to_t_start"
SAYS = "Strength 0.7 of 50 steps must start at index 15."


begun = threading.Event()


def go_on():
    with open("written", "wb", buffering=0) as file:
        begun.set()
        while True:
            file.write(b"x")


threading.Thread(target=go_on, daemon=True).start()
begun.wait()


def strength_to_t_start(strength, num_inference_steps):
    return -1
