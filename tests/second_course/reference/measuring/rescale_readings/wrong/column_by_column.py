"""Each column of a table is rescaled on its own.

`axis=0` asks for the smallest reading of every column. Then readings of different columns cannot be compared any
more: what was a small difference between columns has gone. Leave the axis out, and the whole table counts.
"""

import numpy as np

CAUGHT_BY = "test_the_whole_table_counts"


def rescale_readings(readings: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return the readings, every column on the whole scale."""
    smallest = readings.min(axis=0)
    span = readings.max(axis=0) - smallest
    return low + (readings - smallest) / np.where(span == 0, 1.0, span) * (high - low)
