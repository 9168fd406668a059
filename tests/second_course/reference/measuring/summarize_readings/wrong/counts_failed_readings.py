"""The count is that of all readings, failed ones included.

Whoever sees the count wants to know how many readings the mean rests on. A reading that failed is not one of them.
"""

import numpy as np

CAUGHT_BY = "test_count_leaves_failed_readings_out"


def summarize_readings(readings: np.ndarray) -> tuple[int, float, float]:
    """Return the length of the array as the count."""
    return readings.size, float(np.nanmean(readings)), float(np.nanstd(readings))
