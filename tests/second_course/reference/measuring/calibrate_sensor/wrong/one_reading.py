"""The sensor is read once, and count is not used.

One reading has all the noise of one reading in it. The mean of many is what the noise cancels in.
"""

from typing import Any

CAUGHT_BY = "test_reads_as_often_as_asked"


def calibrate_sensor(sensor: Any, true_value: float, count: int) -> None:
    """Set the offset from a single reading."""
    sensor.offset += true_value - sensor.read()
