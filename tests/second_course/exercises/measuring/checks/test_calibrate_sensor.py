"""What calibrating must do to a sensor, checked without knowing a solution."""

from hypothesis import given, settings
from hypothesis import strategies as st

from exercises._shared._arrays import assert_number_close
from exercises.measuring.checks._readings import numbers
from grader.checks import assert_equal
from grader.sandbox.wire.handles import Handle


def test_worked_example(submission):
    """The worked example of the statement comes out."""
    sensor = Handle("sensor", {"measured": [19.5, 20.5, 18.5], "offset": 0.5})
    submission.calibrate_sensor(sensor, 21.0, 3)
    offset = submission.read.sensor_state(sensor)["offset"]
    assert_number_close(offset, 1.5, "In the worked example the offset must become 1.5.")


@settings(max_examples=20)
@given(count=st.integers(1, 20))
def test_reads_as_often_as_asked(submission, count):
    """The sensor is read exactly `count` times."""
    sensor = Handle("sensor", {"measured": [2.0, 4.0, 3.0, 1.0]})
    submission.calibrate_sensor(sensor, 5.0, count)
    reads = submission.read.sensor_state(sensor)["reads"]
    assert_equal(reads, count, f"With count = {count}, sensor.read() must be called exactly {count} times.")


@given(level=numbers(-50, 50), offset=numbers(-5, 5), true_value=numbers(-100, 100))
def test_a_steady_sensor_reads_the_true_value(submission, level, offset, true_value):
    """A sensor without noise reads the true value afterwards, whatever its offset was."""
    sensor = Handle("sensor", {"measured": [level], "offset": offset})
    submission.calibrate_sensor(sensor, true_value, 2)
    reading = level + submission.read.sensor_state(sensor)["offset"]
    assert_number_close(reading, true_value, f"After the calibration the next reading must be {true_value:g}.")
