"""What an experiment on principal components returned, taken apart, and tables of which rows are to be shown."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from hypothesis import assume
from hypothesis import strategies as st

from exercises._shared import _results
from grader.checks import assert_like
from grader.checks.strategies import dtypes, random_tensors, seeds

NAMES = ("mean", "axes", "coordinates", "shares")
AXES = 2
LEAST_SHARE = 0.05
SHARE_TOLERANCE = 1e-4


class Components(NamedTuple):
    """The four results of the experiment: `[D]`, `[2, D]`, `[n, 2]`, and a list of 2."""

    mean: torch.Tensor
    axes: torch.Tensor
    coordinates: torch.Tensor
    shares: list[float]


class Shown(NamedTuple):
    """An embedding `table` `[V, D]`, and the ids of the rows that are to be shown."""

    table: torch.Tensor
    ids: list[int]

    @property
    def centred(self) -> torch.Tensor:
        """The rows without their mean, `[n, D]`, in float64."""
        rows = self.table.double()[self.ids]
        return rows - rows.sum(dim=0) / len(rows)


def components_of(submission: Any, shown: Shown) -> Components:
    """Run the student's experiment; return its results, or raise `CheckFailure` if they are not of the kind asked."""
    __tracebackhide__ = True
    table, ids = shown
    found = _results.entries(submission.token_pca(table, ids), NAMES)
    return Components(
        assert_like(found["mean"], table[0], what="result['mean']"),
        assert_like(found["axes"], table.new_empty(AXES, table.shape[1]), what="result['axes']"),
        assert_like(found["coordinates"], table.new_empty(len(ids), AXES), what="result['coordinates']"),
        _results.numbers(found["shares"], AXES, "result['shares']"),
    )


def largest_shares(centred: torch.Tensor) -> list[float]:
    """Return the two largest shares that axes can have, from the singular values of the centred rows."""
    squares = torch.linalg.svdvals(centred).square()
    shares: list[float] = (squares[:AXES] / squares.sum()).tolist()
    return shares


def sum_of_squares(centred: torch.Tensor, axes: torch.Tensor) -> torch.Tensor:
    """Return the share `[k]` of the centred rows that lies along each of some directions `[k, D]` of length 1."""
    return (centred @ axes.double().T).square().sum(dim=0) / centred.square().sum()


def similarities(coordinates: torch.Tensor) -> torch.Tensor:
    """Return the dot products `[n, n]` of coordinates, which are the same whichever way the axes point."""
    return coordinates.double() @ coordinates.double().T


@st.composite
def shown_rows(draw: st.DrawFn, *, most_rows: int = 6, most_columns: int = 4) -> Shown:
    """Draw `Shown` rows that lie far from 0 and differ less, as words in a table may; other rows lie elsewhere.

    The share of the second axis is `LEAST_SHARE` or more, and as much above that of any third.
    """
    count, columns, others = (
        draw(st.integers(3, most_rows)),
        draw(st.integers(2, most_columns)),
        draw(st.integers(1, 3)),
    )
    dtype, seed = draw(dtypes()), draw(seeds())
    (table,) = random_tensors(1, (count + others, columns), torch.float64, seed)
    generator = torch.Generator().manual_seed(seed)
    table[:, int(torch.randint(columns, (), generator=generator))] *= (
        3  # one column stands out, and not always the first
    )
    order = torch.randperm(count + others, generator=generator).tolist()
    table[order[:count]] += draw(st.sampled_from((4, -6, 0)))
    shown = Shown(table.to(dtype), order[:count])
    squares = torch.linalg.svdvals(shown.centred).square()
    shares = torch.cat([squares / squares.sum(), torch.zeros(1, dtype=torch.float64)])
    assume(float(shares[1] - shares[AXES]) >= LEAST_SHARE)
    return shown
