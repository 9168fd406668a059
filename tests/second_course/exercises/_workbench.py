"""What this course has beside a submission: sensors, and a look at what became of one.

Students can read this file, and it runs beside their code: nothing here knows an answer.
"""

from typing import TypedDict

import numpy as np

from grader.sandbox.workbench import Reader, Workbench


class SensorState(TypedDict):
    """What a sensor shows of itself."""

    offset: float
    reads: int


class Sensor:
    """A sensor that measures these numbers, one after the other and then again from the first."""

    def __init__(self, measured: list[float], offset: float = 0.0) -> None:
        self.offset = offset
        self._measured = measured
        self._reads = 0

    def read(self) -> float:
        """Return the next reading."""
        self._reads += 1
        return self._measured[(self._reads - 1) % len(self._measured)] + self.offset


def noisy_sensor(level: float, spread: float, seed: int, offset: float = 0.0) -> Sensor:
    """Return a sensor whose measurements scatter around a level."""
    return Sensor(np.random.default_rng(seed).normal(level, spread, size=50).tolist(), offset)


def sensor_state(sensor: Sensor) -> SensorState:
    """Return the offset of a sensor, and how often it was read."""
    return {"offset": float(sensor.offset), "reads": sensor._reads}


def measured(sensor: Sensor, count: int) -> list[float]:
    """Return the first `count` numbers that a sensor measures, without its offset."""
    return [sensor._measured[index % len(sensor._measured)] for index in range(count)]


WORKBENCH = Workbench(
    recipes={"sensor": Sensor, "noisy_sensor": noisy_sensor},
    readers={
        "sensor_state": Reader(sensor_state, returns=SensorState),
        "measured": Reader(measured, returns=list[float]),
    },
)
