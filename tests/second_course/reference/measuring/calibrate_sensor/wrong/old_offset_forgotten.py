"""The offset that the sensor already had is lost.

The readings were taken with the old offset in them, so what they are off by comes on top of it: add to the offset, do
not replace it.
"""

from typing import Any

CAUGHT_BY = "test_a_steady_sensor_reads_the_true_value"


def calibrate_sensor(sensor: Any, true_value: float, count: int) -> None:
    """Set the offset as if it had been 0."""
    mean = sum(sensor.read() for _ in range(count)) / count
    sensor.offset = true_value - mean
