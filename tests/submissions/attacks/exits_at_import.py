"""Ends its process when it is imported."""

import os

EXERCISE = "strength_to_t_start"
SAYS = "Importing your file failed: the process that ran your code ended unexpectedly, with exit status 0"


def strength_to_t_start(strength, num_inference_steps):
    return -1


os._exit(0)
