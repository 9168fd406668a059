"""Ends its process with status 0, as if all had gone well."""

import os

EXERCISE = "strength_to_t_start"
SAYS = "did not return: the process that ran your code ended unexpectedly, with exit status 0"


def strength_to_t_start(strength, num_inference_steps):
    os._exit(0)
