"""Nests folders as deep as it can, too deep for a path to reach them or for a recursive function to delete them."""

import os

EXERCISE = "strength_to_t_start"
SAYS = "wrote more than 64 MiB, or 1000 files"


def strength_to_t_start(strength, num_inference_steps):
    while True:
        os.mkdir("d" * 200)
        os.chdir("d" * 200)
