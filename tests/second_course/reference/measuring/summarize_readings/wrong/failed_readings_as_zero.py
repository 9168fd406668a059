"""Readings that failed count as readings of 0.

`nan_to_num` turns NaN into 0, and a thermometer that failed has not measured 0 degrees: the mean is drawn towards 0.
Leave those readings out.
"""

import numpy as np

CAUGHT_BY = "test_failed_readings_change_nothing"


def summarize_readings(readings: np.ndarray) -> tuple[int, float, float]:
    """Return mean and spread with zeros for NaN."""
    filled = np.nan_to_num(readings)
    return int((~np.isnan(readings)).sum()), float(filled.mean()), float(filled.std())
