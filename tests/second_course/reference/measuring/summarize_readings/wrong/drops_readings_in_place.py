"""Failed readings are overwritten in the array of whoever called the function.

`readings[...] = ...` writes into the array itself. The numbers that you return are right, but the caller's readings
have changed. Take the good ones out into a new array.
"""

import numpy as np

CAUGHT_BY = "test_leaves_readings_alone"


def summarize_readings(readings: np.ndarray) -> tuple[int, float, float]:
    """Return the right numbers, and spoil the readings."""
    failed = np.isnan(readings)
    good = readings[~failed]
    readings[failed] = 0.0
    return good.size, float(good.mean()), float(good.std())
