"""Rounds float noise away before it cuts."""


def strength_to_t_start(strength: float, num_inference_steps: int) -> int:
    """Return the start; six decimals of a step are taken as exact."""
    running = int(round(num_inference_steps * strength, 6))
    return num_inference_steps - min(running, num_inference_steps)
