"""A series of readings in three numbers."""

import numpy as np


def summarize_readings(readings: np.ndarray) -> tuple[int, float, float]:
    """Return (count, mean, spread) of the readings that did not fail.

    A reading that failed is NaN, and is left out of all three numbers. With the n readings that are left:

        count  = n
        mean   = sum of the readings / n
        spread = sqrt(sum of (reading - mean)^2 / n)

    What you get:

        readings  a float64 array [m] of 1 to 1000 numbers between -1000 and 1000, some of which may be NaN, but not all

    What you return: a tuple of an int and two floats, in this order; NumPy's own numbers are fine, too. Do not change
    readings.

    A worked example: readings = [1.0, NaN, 3.0] give (2, 2.0, 1.0).
    """
    raise NotImplementedError
