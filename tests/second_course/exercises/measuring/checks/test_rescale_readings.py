"""What rescaling must do, checked without knowing a solution."""

import numpy as np
from hypothesis import given, settings

from exercises._shared._arrays import assert_array, assert_array_close, assert_number_close
from exercises.measuring.checks._readings import different_readings, numbers, scales, tables
from grader.checks import assert_equal


def test_worked_example(submission):
    """The worked example of the statement comes out."""
    actual = submission.rescale_readings(np.array([2.0, 4.0, 3.0]), -1.0, 1.0)
    assert_array_close(actual, np.array([-1.0, 1.0, 0.0]), "The worked example of the statement must come out.")


@given(readings=different_readings(), scale=scales())
def test_reaches_from_low_to_high(submission, readings, scale):
    """The smallest reading becomes low, the largest high."""
    low, high = scale
    actual = assert_array(submission.rescale_readings(readings, low, high), readings.shape)
    assert_number_close(actual[readings.argmin()], low, f"The smallest reading must become low, which is {low:g}.")
    assert_number_close(actual[readings.argmax()], high, f"The largest reading must become high, which is {high:g}.")


@settings(max_examples=20)
@given(table=tables())
def test_the_whole_table_counts(submission, table):
    """In a table, smallest and largest are those of the whole table."""
    actual = assert_array(submission.rescale_readings(table, 0.0, 1.0), table.shape)
    sentence = "Between 0 and 1, only the smallest and the largest of the whole table may reach the ends."
    assert_equal(sorted(np.round(actual, 9).ravel().tolist())[:: table.size - 1], [0.0, 1.0], sentence)
    inside = np.delete(actual.ravel(), [table.argmin(), table.argmax()])
    assert_equal(bool(np.all((inside > 0) & (inside < 1))), True, sentence)


@given(number=numbers())
@settings(max_examples=10)
def test_equal_readings_become_low(submission, number):
    """Where all readings are equal, every number of the result is low."""
    actual = submission.rescale_readings(np.full(3, number), 5.0, 7.0)
    assert_array_close(actual, np.full(3, 5.0), "All readings are equal, so every number must be low, which is 5.")


def test_leaves_readings_alone(submission):
    """The readings are the same after the call as before it."""
    readings = np.array([3.0, 1.0, 2.5])
    after = submission.rescale_readings.called_with(readings, 0.0, 4.0)
    assert_array(after.result, readings.shape)
    assert_equal(
        after.arguments["readings"].tolist(), readings.tolist(), "rescale_readings must not change its input readings."
    )
