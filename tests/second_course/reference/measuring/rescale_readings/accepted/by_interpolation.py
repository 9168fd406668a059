"""Interpolates between the two ends."""

import numpy as np


def rescale_readings(readings: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return the readings, looked up on the line from the smallest to the largest."""
    smallest, largest = np.min(readings), np.max(readings)
    return np.interp(readings, [smallest, largest], [low, high]) if smallest < largest else 0.0 * readings + low
