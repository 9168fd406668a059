"""Goes through the readings with Python's own means."""

import math

import numpy as np


def summarize_readings(readings: np.ndarray) -> tuple[int, float, float]:
    """Return the three numbers from a list."""
    good = [number for number in readings.tolist() if not math.isnan(number)]
    mean = math.fsum(good) / len(good)
    return len(good), mean, math.sqrt(math.fsum((number - mean) ** 2 for number in good) / len(good))
