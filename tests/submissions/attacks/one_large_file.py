"""Writes one file without end, and one that is large by its length alone."""

EXERCISE = "strength_to_t_start"
SAYS = "`strength_to_t_start` raised OSError: [Errno 27] File too large"


def strength_to_t_start(strength, num_inference_steps):
    with open("sparse", "wb") as file:
        file.truncate(2**26 + 1)
    return 15
