"""Goes through the readings one by one, with the smallest and the largest weighted."""

import numpy as np


def rescale_readings(readings: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return the readings on the new scale, from a loop."""
    flat = readings.ravel().tolist()
    span = max(flat) - min(flat) or 1.0
    result = [((number - min(flat)) * high + (span - number + min(flat)) * low) / span for number in flat]
    return np.array(result).reshape(readings.shape)
