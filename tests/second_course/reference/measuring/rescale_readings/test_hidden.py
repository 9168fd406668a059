"""What rescaling must do on other inputs, against the reference."""

from hypothesis import given
from hypothesis import strategies as st

from exercises._shared._arrays import assert_array_close
from exercises.measuring.checks._readings import scales
from reference.measuring._long_series import readings


@given(seed=st.integers(0, 999), columns=st.integers(1, 30), scale=scales())
def test_large_tables_are_rescaled(submission, reference, seed, columns, scale):
    """Every reading of a large table lies where the formula says."""
    table = readings(seed, 6, columns)
    expected = reference.rescale_readings(table, *scale)
    assert_array_close(submission.rescale_readings(table, *scale), expected, "Every reading must follow the formula.")
