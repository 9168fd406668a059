"""The offset goes the wrong way.

Readings that are too low need a larger offset: true_value - mean, not mean - true_value. After this calibration the
sensor is off by twice as much as before.
"""

from typing import Any

CAUGHT_BY = "test_worked_example"


def calibrate_sensor(sensor: Any, true_value: float, count: int) -> None:
    """Set the offset with the sign turned."""
    mean = sum(sensor.read() for _ in range(count)) / count
    sensor.offset += mean - true_value
