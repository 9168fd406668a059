"""What is said of two tensors that differ is true: where, how, and by which numbers."""

from __future__ import annotations

import pytest
import torch

from grader.checks import CheckFailure, assert_close
from grader.checks.differences import how_they_differ
from grader.sandbox.wire.printed import end_of

WIDE = torch.randn(2, 3, 6, 5, generator=torch.Generator().manual_seed(0))
ROW = torch.tensor([1.0, 2.0, 4.0, 8.0])


def changed(places: tuple[object, ...], by: float = 1.0) -> torch.Tensor:
    tensor = WIDE.clone()
    tensor[places] += by
    return tensor


@pytest.mark.parametrize(
    ("actual", "sentence"),
    [
        (changed((1, slice(None), 2)), "15 of 180 numbers differ, all of them in batch entry 1, row 2."),
        (changed((slice(None), 0)), "60 of 180 numbers differ, all of them in channel 0."),
        (changed((..., slice(1, 4))), "108 of 180 numbers differ, all of them in columns 1 to 3."),
        (changed((..., [0, 2])), "72 of 180 numbers differ, all of them in columns 0 and 2."),
        (WIDE + 1, "All 180 numbers differ."),
    ],
)
def test_where_numbers_differ(actual: torch.Tensor, sentence: str) -> None:
    assert how_they_differ(actual, WIDE, 1e-4)[0] == sentence


@pytest.mark.parametrize(
    ("actual", "sentence"),
    [
        (0.5 * WIDE, "Yours is 0.5 times what is expected."),
        (WIDE + 0.25, "Yours is what is expected plus 0.25."),
        (2 * WIDE - 1, "Yours is 2 times what is expected, minus 1."),
        (-WIDE, "Yours has the sign turned around."),
        (0 * WIDE, "Yours is 0."),
        (torch.ones_like(WIDE), "Yours is the same number everywhere: 1.0."),
        (WIDE.flip(1), "Yours has the channels in the opposite order."),
        (WIDE.flip(0), "Yours has the batch entries in the opposite order."),
        (WIDE.roll(1, -1), "Yours is shifted by one column."),
    ],
)
def test_how_numbers_differ(actual: torch.Tensor, sentence: str) -> None:
    assert sentence in how_they_differ(actual, WIDE, 1e-4)


def test_a_relation_that_holds_in_wrong_places_alone_is_told_so() -> None:
    actual = WIDE.clone()
    actual[:, 1] *= 3
    assert "Yours is 3 times what is expected in these places." in how_they_differ(actual, WIDE, 1e-4)


def test_exchanged_rows_and_columns_are_seen() -> None:
    square = WIDE[0, 0, :5, :5]
    assert "Yours has rows and columns exchanged." in how_they_differ(square.T, square, 1e-4)


def test_nothing_is_said_that_is_not_so() -> None:
    other = torch.randn(2, 3, 6, 5, generator=torch.Generator().manual_seed(1))
    said = how_they_differ(other, WIDE, 1e-4)
    assert len(said) == 2  # where, and the statistics
    assert "times" not in " ".join(said)


def test_long_tensors_are_summed_up_by_mean_and_spread() -> None:
    tensor = torch.arange(20.0)
    assert how_they_differ(tensor + 1, tensor, 1e-4)[-1] == (
        "Expected: mean 9.5, spread 5.76628. Yours: mean 10.5, spread 5.76628."
    )
    assert "mean" not in " ".join(how_they_differ(ROW + 1, ROW, 1e-4))


@pytest.mark.parametrize("odd", [torch.nan, torch.inf])
def test_what_is_not_finite_is_not_compared(odd: float) -> None:
    assert how_they_differ(torch.full_like(ROW, odd), ROW, 1e-4) == ()


def test_a_failure_says_how_only_when_it_is_asked() -> None:
    with pytest.raises(CheckFailure) as caught:
        assert_close(ROW * 2, ROW, "Not so.")
    assert caught.value.how == ("All 4 numbers differ.", "Yours is 2 times what is expected.")
    caught.value.values = None
    assert caught.value.how == ()


# --- what was printed ---


def test_the_end_of_what_was_printed_is_kept_and_the_rest_counted() -> None:
    text = "".join(f"line {number}\n" for number in range(1000))
    end = end_of(text, 200)
    head, _, rest = end.partition("\n")
    assert rest.endswith("line 999\n")
    assert rest.startswith("line ")
    assert head == f"... ({len(text) - len(rest)} characters before this are left out)"
    assert len(end) <= 200


def test_cutting_twice_counts_everything() -> None:
    text = "x" * 5000 + "\n" + "y" * 500 + "\nend"
    assert end_of(end_of(text, 1000), 200) == "... (5502 characters before this are left out)\nend"


def test_few_lines_are_kept_of_many_short_ones() -> None:
    assert end_of("1\n2\n3\n4\n", 1000, most_lines=2) == "... (4 characters before this are left out)\n3\n4\n"
    assert end_of("1\n2\n", 1000, most_lines=2) == "1\n2\n"
