"""The spread is not yet under the root.

The mean of the squares is the variance, in squared units: degrees would become square degrees. Its square root is the
spread.
"""

import numpy as np

CAUGHT_BY = "test_spread_of_two_readings_is_half_their_distance"


def summarize_readings(readings: np.ndarray) -> tuple[int, float, float]:
    """Return the variance in the place of the spread."""
    good = readings[~np.isnan(readings)]
    return good.size, float(good.mean()), float(good.var())
