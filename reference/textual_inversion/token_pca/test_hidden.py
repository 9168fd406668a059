"""What principal components must be of more rows and columns, against the reference."""

from hypothesis import given, settings

from exercises._shared import _results
from exercises.textual_inversion.checks import _components
from grader.checks import assert_close


@settings(max_examples=20)
@given(shown=_components.shown_rows(most_rows=30, most_columns=16))
def test_equals_reference(submission, reference, shown):
    """Up to 30 rows of up to 16 numbers have the reference's axes, coordinates and shares, up to signs."""
    expected = reference.token_pca(*shown)
    found = _components.components_of(submission, shown)
    sentence = "The shares must be the reference's."
    _results.assert_numbers(found.shares, expected["shares"], sentence, tolerance=_components.SHARE_TOLERANCE)
    actual = _components.sum_of_squares(shown.centred, found.axes).tolist()
    due = _components.largest_shares(shown.centred)
    sentence = "No other axes may show more of what the rows differ by."
    _results.assert_numbers(actual, due, sentence, tolerance=_components.SHARE_TOLERANCE)
    along = (shown.centred @ found.axes.double().T).to(shown.table.dtype)
    assert_close(found.coordinates, along, "The coordinates must be those of the centred rows along your axes.")
    assert_close(found.mean, expected["mean"], "The mean must be the reference's.")
