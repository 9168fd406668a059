"""The offset of a sensor that looks at something known."""

from typing import Any


def calibrate_sensor(sensor: Any, true_value: float, count: int) -> None:
    """Set the offset of a sensor so that the mean of its readings is true.

    Call sensor.read() exactly `count` times, and then set sensor.offset so that the same readings, taken with the new
    offset, would have had the mean true_value:

        new offset = old offset + true_value - mean of the readings

    What you get:

        sensor      sensor.read() returns the next reading, a float: what is measured, with noise, plus sensor.offset;
                    sensor.offset is a float that you may read and set, and is not always 0 at the start
        true_value  what the readings should be on average, a float between -100 and 100
        count       how many readings to take, an int from 1 to 20

    What you return: nothing. What counts is sensor.offset, which must be a float, and how often the sensor was read.

    A worked example: a sensor whose offset is 0.5 reads 20.0, 21.0 and 19.0. With true_value = 21.0 and count = 3 the
    mean is 20.0, so the offset becomes 0.5 + 21.0 - 20.0 = 1.5.
    """
    raise NotImplementedError
