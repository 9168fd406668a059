"""Makes folders that nobody may list, with files inside, so that nobody can count or delete them."""

import os

EXERCISE = "strength_to_t_start"
SAYS = "`strength_to_t_start` "


def strength_to_t_start(strength, num_inference_steps):
    for number in range(3):
        os.mkdir(f"folder{number}")
        os.mkdir(f"folder{number}/secret", 0o300)
        with open(f"folder{number}/secret/file", "w") as file:
            file.write("still here")
    raise RuntimeError("made")
