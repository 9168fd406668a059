"""Attacks when it is imported, before anything is called: reads, hooks, exit handlers; then waits for the checks."""

import atexit
import builtins
import os
import sys
import threading

from facts import OUTSIDE, SECRET_FILE

EXERCISE = "strength_to_t_start"
SAYS = "Strength 0.7 of 50 steps must start at index 15."


class Hook:
    """Takes every later import, the worker's own included."""

    def find_spec(self, name, path=None, target=None):
        found.append(name)


def leave_a_mark():
    with open(f"{OUTSIDE}/attack-was-here", "w") as file:
        file.write("LEAK:")


found = []
try:
    with open(SECRET_FILE) as file:
        found.append("LEAK:" + file.read())
except OSError:
    pass
sys.meta_path.insert(0, Hook())
sys.setprofile(lambda *_: None)
threading.setprofile(lambda *_: None)
atexit.register(leave_a_mark)
os.environ.update(PYTHONPATH=OUTSIDE, GRADE_ISOLATION="off")
builtins.print = found.append


def strength_to_t_start(strength, num_inference_steps):
    if any("LEAK" in text for text in found):
        raise RuntimeError(found)
    return -1
