"""Counts the entries of a list that is cut from its end."""


def strength_to_t_start(strength: float, num_inference_steps: int) -> int:
    """Return how many indices come before the part that runs."""
    indices = list(range(num_inference_steps))
    running = int(strength * num_inference_steps)
    return len(indices[: len(indices) - running])
