"""Starts ten thousand threads with tiny stacks."""

import threading
import time

EXERCISE = "strength_to_t_start"
SAYS = "started more than 128 threads"


def strength_to_t_start(strength, num_inference_steps):
    threading.stack_size(32 * 1024)
    for _ in range(10_000):
        try:
            threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
        except RuntimeError:
            break
    time.sleep(1000)
