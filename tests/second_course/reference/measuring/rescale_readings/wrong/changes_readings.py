"""The readings themselves are moved, in place.

`readings -= ...` writes into the array of whoever called the function, who then finds other readings in it. Make a new
array: `readings - ...`.
"""

import numpy as np

CAUGHT_BY = "test_leaves_readings_alone"


def rescale_readings(readings: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return the readings on the new scale, and spoil them."""
    readings -= readings.min()
    span = readings.max()
    return low + readings / (span if span > 0 else 1.0) * (high - low)
