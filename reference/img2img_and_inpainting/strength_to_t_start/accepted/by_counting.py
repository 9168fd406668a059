"""Counts the steps that fit into the share, one by one."""


def strength_to_t_start(strength: float, num_inference_steps: int) -> int:
    """Return the start after counting off whole steps."""
    running = 0
    while running < num_inference_steps and running + 1 <= strength * num_inference_steps:
        running += 1
    return num_inference_steps - running
