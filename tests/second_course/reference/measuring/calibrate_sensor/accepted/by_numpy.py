"""Takes the offset off every reading first, and leaves the mean to NumPy."""

from typing import Any

import numpy as np


def calibrate_sensor(sensor: Any, true_value: float, count: int) -> None:
    """Set the offset to what the measurements lack."""
    measured = np.array([sensor.read() for _ in range(count)]) - sensor.offset
    sensor.offset = np.mean(true_value - measured)
