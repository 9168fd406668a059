"""Raises SystemExit, which ends programs quietly."""

import sys

EXERCISE = "strength_to_t_start"
SAYS = "raised SystemExit: 0"


def strength_to_t_start(strength, num_inference_steps):
    sys.exit(0)
