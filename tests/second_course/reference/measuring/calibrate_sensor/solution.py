"""The reference solution of `calibrate_sensor`."""

from typing import Any


def calibrate_sensor(sensor: Any, true_value: float, count: int) -> None:
    """Set the sensor's offset from the mean of `count` readings."""
    mean = sum(sensor.read() for _ in range(count)) / count
    sensor.offset += true_value - mean
