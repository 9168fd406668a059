"""Uses NumPy's integers."""

import numpy as np


def strength_to_t_start(strength: float, num_inference_steps: int) -> int:
    """Return the start as a NumPy integer."""
    running = np.minimum(np.floor(num_inference_steps * np.float64(strength)), num_inference_steps)
    return (num_inference_steps - running).astype(np.int64)
