"""Makes files without end in its private folder."""

EXERCISE = "strength_to_t_start"
SAYS = "wrote more than 64 MiB, or 1000 files"


def strength_to_t_start(strength, num_inference_steps):
    number = 0
    while True:
        number += 1
        with open(f"file{number % 5_000}", "w") as file:
            file.write("x")
