"""Leaves threads behind that go on after the call: they answer, fork, exit, and overwrite what is sent."""

import os
import sys
import threading
import time

from kit import channel

EXERCISE = "strength_to_t_start"
SAYS = "`strength_to_t_start` "


def go_on(to, begun):
    for _ in range(1000):
        time.sleep(0.0005)
        os.write(to, b"grd1" + bytes(12))
        begun.set()
        try:
            if os.fork() == 0:
                os._exit(0)
            os.write(to, b"LEAK:a thread has forked")
        except OSError:
            pass
    sys.exit(0)


def strength_to_t_start(strength, num_inference_steps):
    for _ in range(3):
        begun = threading.Event()
        threading.Thread(target=go_on, args=(channel(), begun)).start()
    begun.wait()
    return -1
