"""What the three numbers must be, checked without knowing a solution."""

import numpy as np
from hypothesis import given

from exercises._shared._arrays import assert_number_close, assert_numbers, shown
from exercises.measuring.checks._readings import numbers, partly_failed
from grader.checks import CheckFailure

NAMES = ("count", "mean", "spread")


def test_worked_example(submission):
    """The worked example of the statement comes out."""
    actual = assert_numbers(submission.summarize_readings(np.array([1.0, np.nan, 3.0])), NAMES)
    for name, found, expected in zip(NAMES, actual, (2, 2.0, 1.0), strict=True):
        assert_number_close(found, expected, f"In the worked example {name} must be {expected:g}.")


@given(series=partly_failed())
def test_count_leaves_failed_readings_out(submission, series):
    """The count is that of the readings that did not fail."""
    good, mixed = series
    count, _, _ = assert_numbers(submission.summarize_readings(mixed), NAMES)
    assert_number_close(count, len(good), "count must be the number of readings that are not NaN.")


@given(series=partly_failed())
def test_failed_readings_change_nothing(submission, series):
    """Mean and spread are the same with and without readings that failed."""
    good, mixed = series
    _, mean, spread = assert_numbers(submission.summarize_readings(mixed), NAMES)
    _, good_mean, good_spread = assert_numbers(submission.summarize_readings(good), NAMES)
    assert_number_close(mean, good_mean, f"The mean must be that of {shown(good)}, the readings that did not fail.")
    assert_number_close(spread, good_spread, f"The spread must be that of {shown(good)}.")
    if not good.min() - 1e-6 <= mean <= good.max() + 1e-6:
        raise CheckFailure("The mean must lie between the smallest and the largest reading.", actual=f"{mean:g}")


@given(middle=numbers(-500, 500), step=numbers(1, 400))
def test_spread_of_two_readings_is_half_their_distance(submission, middle, step):
    """Of two readings, the mean lies in the middle, and the spread is half their distance."""
    readings = np.array([middle - step, middle + step])
    _, mean, spread = assert_numbers(submission.summarize_readings(readings), NAMES)
    assert_number_close(mean, middle, "The mean of two readings must lie in the middle between them.")
    assert_number_close(spread, step, "The spread of two readings must be half their distance.")


def test_leaves_readings_alone(submission):
    """The readings are the same after the call as before it."""
    readings = np.array([3.0, np.nan, 2.5])
    after = submission.summarize_readings.called_with(readings)
    assert_numbers(after.result, NAMES)
    if not np.array_equal(after.arguments["readings"], readings, equal_nan=True):
        sentence = "summarize_readings must not change its input readings."
        raise CheckFailure(sentence, expected=shown(readings), actual=shown(after.arguments["readings"]))
