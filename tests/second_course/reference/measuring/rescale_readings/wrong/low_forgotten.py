"""The readings reach from 0 to high - low, and are not moved to low.

Stretching gives the readings the right length; where the scale begins is a second step. Add low at the end.
"""

import numpy as np

CAUGHT_BY = "test_reaches_from_low_to_high"


def rescale_readings(readings: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return the readings, stretched but not moved."""
    span = readings.max() - readings.min()
    if span == 0:
        return np.full(readings.shape, low)
    return (readings - readings.min()) / span * (high - low)
