"""Takes the strength as the decimal number it is written as."""

from decimal import Decimal


def strength_to_t_start(strength: float, num_inference_steps: int) -> int:
    """Return the start without float rounding, so that 0.29 of 100 runs 29 steps."""
    running = int(Decimal(str(strength)) * num_inference_steps)
    return num_inference_steps - min(running, num_inference_steps)
