"""What the three numbers must be on longer series, against the reference."""

from hypothesis import given
from hypothesis import strategies as st

from exercises._shared._arrays import assert_number_close, assert_numbers
from reference.measuring._long_series import readings


@given(seed=st.integers(0, 999), length=st.integers(3, 1000))
def test_long_series_are_summarized(submission, reference, seed, length):
    """All three numbers of a long series with failed readings are right."""
    series = readings(seed, length, failed=0.3)
    names = ("count", "mean", "spread")
    actual = assert_numbers(submission.summarize_readings(series), names)
    for name, found, expected in zip(names, actual, reference.summarize_readings(series), strict=True):
        assert_number_close(found, expected, f"{name} must follow the formula on long series, too.")
