"""Writes large files without end."""

EXERCISE = "strength_to_t_start"
SAYS = "wrote more than 64 MiB, or 1000 files"


def strength_to_t_start(strength, num_inference_steps):
    number = 0
    while True:
        number += 1
        with open(f"file{number}", "wb") as file:
            for _ in range(15):
                file.write(bytes(2**20))
