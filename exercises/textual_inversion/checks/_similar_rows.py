"""Hypothesis strategies for similarities between rows of an embedding table."""

from __future__ import annotations

from typing import NamedTuple

import torch
from hypothesis import strategies as st

from grader.checks.assertions import CheckFailure, assert_close
from grader.checks.strategies import dtypes, random_tensors, seeds
from grader.checks.text import describe, describe_type

LEAST_NORM = 0.1


class Similar(NamedTuple):
    """An embedding `table` `[V, D]`, ids of some of its rows, and a `vector` `[D]` whose `k` nearest rows are asked."""

    table: torch.Tensor
    ids: list[int]
    vector: torch.Tensor
    k: int


@st.composite
def similar_rows(draw: st.DrawFn, *, most_rows: int = 6, most_columns: int = 4) -> Similar:
    """Draw a `Similar` of which no row is near zero; one row may be hundreds of times as long as another."""
    rows, columns = draw(st.integers(3, most_rows)), draw(st.integers(2, most_columns))
    dtype, seed = draw(dtypes()), draw(seeds())
    table, vectors, scales = random_tensors(3, (rows, columns), torch.float64, seed)
    table += LEAST_NORM * torch.where(table < 0, -1.0, 1.0)
    table *= 10 ** scales[:, :1].clamp(-1, 1)
    vector = vectors[0] + LEAST_NORM
    ids = draw(st.lists(st.integers(0, rows - 1), min_size=1, max_size=rows))
    return Similar(table.to(dtype), ids, vector.to(dtype), draw(st.integers(1, rows)))


def cosines(vector: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
    """Return the cosine similarity of a vector `[D]` to every row, by the law of cosines: 1 - |a - b|^2 / 2."""
    a = vector / vector.square().sum().sqrt()
    b = table / table.square().sum(1, keepdim=True).sqrt()
    return 1 - (a - b).square().sum(1) / 2


def assert_neighbours(actual: object, drawn: Similar) -> None:
    """Raise `CheckFailure` unless `actual` lists the ids of the k most similar rows; rows within rounding may swap."""
    __tracebackhide__ = True
    rows = len(drawn.table)
    due = f"a list of {drawn.k} different ints from 0 to {rows - 1}"
    if type(actual) is not list or not all(type(number) is int for number in actual):
        kind = "None" if actual is None else f"of type {describe_type(actual)}"
        kind = "a list with items that are not ints" if type(actual) is list else kind
        raise CheckFailure(f"The result of nearest_tokens is {kind}.", expected=due, actual=describe(actual))
    if len(actual) != drawn.k or len(set(actual)) != drawn.k or not set(actual) <= set(range(rows)):
        raise CheckFailure(f"With k = {drawn.k} the result must be {due}.", expected=due, actual=describe(actual))
    found = cosines(drawn.vector, drawn.table)
    nearest = found.sort(descending=True).values[: drawn.k]
    sentence = f"The similarities of the ids {actual} must be the {drawn.k} largest of all, the largest first."
    assert_close(found[actual], nearest, sentence)
