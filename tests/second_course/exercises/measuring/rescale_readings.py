"""Readings on a scale of your choice."""

import numpy as np


def rescale_readings(readings: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return the readings, moved and stretched so that they reach from low to high.

        result = low + (reading - smallest) / (largest - smallest) * (high - low)

    smallest and largest are those of the whole array. If all readings are equal, every number of the result is low.

    What you get:

        readings  a float64 array [n] or [rows, columns] of at least one number, each between -1000 and 1000; no NaN;
                  two readings that are not equal lie at least 0.01 apart
        low       a float between -100 and 100
        high      a float between -100 and 100, at least 1 above low

    What you return: a float64 array of the shape of readings. Do not change readings itself.

    A worked example: readings = [2.0, 4.0, 3.0] with low = -1.0 and high = 1.0 give [-1.0, 1.0, 0.0].
    """
    raise NotImplementedError
