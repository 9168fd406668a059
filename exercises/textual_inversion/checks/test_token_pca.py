"""What principal components of rows must be, by what makes them so: the axes that show most of the differences."""

import torch
from hypothesis import given, settings

from exercises._shared import _results
from exercises.textual_inversion.checks import _components
from grader.checks import CheckFailure, assert_close, assert_equal
from grader.checks.strategies import DTYPES, random_tensors

TABLE = torch.tensor([[9.0, 9.0, 0.0], [2.0, 0.0, 1.0], [4.0, -1.0, 1.0], [4.0, 1.0, 1.0], [6.0, 0.0, 1.0]])
IDS = [1, 4, 3, 2]


def test_worked_example(submission):
    """The function reproduces the worked example of the statement, whichever way the axes point."""
    found = _components.components_of(submission, _components.Shown(TABLE, IDS))
    assert_close(found.mean, torch.tensor([4.0, 0.0, 1.0]), "The mean must be that of the worked example.")
    expected = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    assert_close(found.axes.abs(), expected, "The axes, without their signs, must be those of the worked example.")
    expected = torch.tensor([[2.0, 0.0], [2.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    sentence = "The coordinates, without their signs, must be those of the worked example."
    assert_close(found.coordinates.abs(), expected, sentence)
    _results.assert_numbers(
        found.shares,
        [0.8, 0.2],
        "The shares must be those of the worked example.",
        tolerance=_components.SHARE_TOLERANCE,
    )


@settings(max_examples=15)
@given(shown=_components.shown_rows())
def test_mean_is_that_of_the_rows_shown(submission, shown):
    """The mean is taken over the rows that ids name, number by number."""
    found = _components.components_of(submission, shown)
    expected = (shown.table.double()[shown.ids] - shown.centred)[0].to(shown.table.dtype)
    assert_close(found.mean, expected, "The mean must be that of the rows that ids name, number by number.")


@given(shown=_components.shown_rows())
def test_axes_are_at_a_right_angle(submission, shown):
    """Both axes have length 1, and they are at a right angle."""
    axes = _components.components_of(submission, shown).axes
    sentence = "The dot products of the axes must be 1 of each with itself, and 0 of one with the other."
    assert_close(axes @ axes.T, torch.eye(2, dtype=axes.dtype), sentence)


@given(shown=_components.shown_rows())
def test_no_other_axes_show_more(submission, shown):
    """Of all directions the first axis shows most of what the rows differ by, and the second most of the rest."""
    found, centred = _components.components_of(submission, shown), shown.centred
    lengths = found.axes.double().norm(dim=1)
    if not bool(((lengths - 1).abs() < 1e-3).all()):
        raise CheckFailure("Each axis must have length 1.", expected="lengths of 1", actual=f"{lengths.tolist()}")
    actual = _components.sum_of_squares(centred, found.axes).tolist()
    sentence = (
        "Along these axes the centred rows must have the largest sums of squares that there are, the first axis more "
        "than the second. Compared here are the shares along your axes, measured again, with the largest."
    )
    _results.assert_numbers(
        actual, _components.largest_shares(centred), sentence, tolerance=_components.SHARE_TOLERANCE
    )


@given(shown=_components.shown_rows())
def test_coordinates_belong_to_the_axes(submission, shown):
    """Every row's coordinates are its dot products with the axes, after the mean was taken away."""
    found = _components.components_of(submission, shown)
    expected = (shown.centred @ found.axes.double().T).to(shown.table.dtype)
    sentence = "coordinates must be the dot products of the centred rows with your axes, in the order of ids."
    assert_close(found.coordinates, expected, sentence)


@given(shown=_components.shown_rows())
def test_shares_belong_to_the_coordinates(submission, shown):
    """The shares are the coordinates' sums of squares, out of all that the rows differ by."""
    found = _components.components_of(submission, shown)
    whole = float(shown.centred.square().sum())
    measured = (found.coordinates.double().square().sum(dim=0) / whole).tolist()
    sentence = (
        "shares must be the sums of your squared coordinates, divided by the sum of squares of all numbers of the "
        "centred rows. Compared here are your shares with those measured again."
    )
    _results.assert_numbers(found.shares, measured, sentence, tolerance=_components.SHARE_TOLERANCE)


@settings(max_examples=15)
@given(shown=_components.shown_rows())
def test_what_all_rows_have_in_common_does_not_matter(submission, shown):
    """With the same vector added to every row, coordinates and shares stay: only differences between rows are shown."""
    before = _components.components_of(submission, shown)
    moved = shown._replace(table=shown.table + 7)
    after = _components.components_of(submission, moved)
    sentence = "With 7 added to every number of the table, the shares must stay as they are."
    _results.assert_numbers(after.shares, before.shares, sentence, tolerance=10 * _components.SHARE_TOLERANCE)
    sentence = "With 7 added to every number, the centred rows stay, and so must the shares that the axes have of them."
    actual = _components.sum_of_squares(shown.centred, after.axes).tolist()
    expected = _components.largest_shares(shown.centred)
    _results.assert_numbers(actual, expected, sentence, tolerance=10 * _components.SHARE_TOLERANCE)


@settings(max_examples=15)
@given(shown=_components.shown_rows())
def test_other_rows_do_not_matter(submission, shown):
    """Only the rows that ids name count: the rest of the table has no effect."""
    alone = shown._replace(table=shown.table[shown.ids].clone(), ids=list(range(len(shown.ids))))
    found = _components.components_of(submission, shown)
    expected = _components.components_of(submission, alone)
    sentence = "A table of nothing but these rows must give the same shares."
    _results.assert_numbers(found.shares, expected.shares, sentence, tolerance=_components.SHARE_TOLERANCE)
    sentence = (
        "A table of nothing but these rows must give the same coordinates. Compared here are their dot products, which "
        "do not depend on the way that the axes point."
    )
    assert_close(*(_components.similarities(each.coordinates) for each in (found, expected)), sentence, tolerance=1e-3)


def test_leaves_the_table_alone(submission):
    """The table is the same after the call as before it."""
    for dtype in DTYPES:
        (table,) = random_tensors(1, (5, 3), dtype, seed=1)
        after = submission.token_pca.called_with(table, [0, 3, 4, 1]).arguments
        assert_equal(after["table"], table, "token_pca must not change the table.", what="table after the call")
