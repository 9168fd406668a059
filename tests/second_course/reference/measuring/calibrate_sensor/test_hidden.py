"""What calibrating must do to noisy sensors."""

from hypothesis import given
from hypothesis import strategies as st

from exercises._shared._arrays import assert_number_close
from grader.sandbox.wire.handles import Handle


@given(seed=st.integers(0, 999), count=st.integers(1, 20), offset=st.integers(-5, 5))
def test_a_noisy_sensor_is_right_on_average(submission, seed, count, offset):
    """With the new offset, the readings that were taken would have had the true mean."""
    sensor = Handle("noisy_sensor", {"level": 10.0, "spread": 4.0, "seed": seed, "offset": float(offset)})
    submission.calibrate_sensor(sensor, -3.0, count)
    measured = submission.read.measured(sensor, count)
    mean = sum(measured) / count + submission.read.sensor_state(sensor)["offset"]
    assert_number_close(mean, -3.0, "With the new offset, the mean of the readings must be the true value.")
