"""Catches every exception in a loop without end, the one that says its time is up included."""

EXERCISE = "strength_to_t_start"
SAYS = "was stopped after"
ENDLESS = True


def strength_to_t_start(strength, num_inference_steps):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
