"""Sleeps for ever, using no CPU time at all."""

import time

EXERCISE = "strength_to_t_start"
SAYS = "was stopped after"
ENDLESS = True


def strength_to_t_start(strength, num_inference_steps):
    while True:
        time.sleep(1000)
