"""Ends its process with status 0, as if all had gone well."""

import os

EXERCISE = "strength_to_t_start"
SAYS = "ended its process instead of returning a result"


def strength_to_t_start(strength, num_inference_steps):
    os._exit(0)
