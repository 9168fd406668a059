"""Equal readings end in a division of zero by zero.

Where all readings are equal, largest - smallest is 0 and NumPy answers NaN, with nothing but a warning. Ask for that
case first.
"""

import numpy as np

CAUGHT_BY = "test_equal_readings_become_low"


def rescale_readings(readings: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return the readings on the new scale, NaN if they are equal."""
    return low + (readings - readings.min()) / (readings.max() - readings.min()) * (high - low)
