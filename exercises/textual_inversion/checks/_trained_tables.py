"""Hypothesis strategies for embedding tables that training has moved."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import torch
from hypothesis import strategies as st

from grader.checks.strategies import dtypes, random_tensors, seeds

Moves = Literal["far", "near", "one ulp"]
MOVES: tuple[Moves, ...] = ("far", "near", "one ulp")
LEAST_NEAR, MOST_NEAR = 2.5e-7, 5e-5  # relative: two float32 ulps; a step's weight decay, 0.005 * 0.01


class TrainedTable(NamedTuple):
    """An embedding `table` `[V, D]` with a gradient, moved away from the `original` it started from."""

    table: torch.nn.Parameter
    original: torch.Tensor
    trained_ids: list[int]


@st.composite
def trained_tables(draw: st.DrawFn, *, most_rows: int = 6, most_columns: int = 4) -> TrainedTable:
    """Draw a `TrainedTable` of which every row has moved, as `move` has it, whether or not it was meant to.

    The ids are distinct, in any order and anywhere in the table. The gradient reaches only every other row,
    as a prompt reaches only its words. Numbers that move by little have all the digits of their dtype.
    """
    kind = draw(st.sampled_from(MOVES))
    rows, columns = draw(st.integers(3, most_rows)), draw(st.integers(1, most_columns))
    trained_ids = draw(st.lists(st.integers(0, rows - 1), min_size=1, max_size=rows, unique=True))
    dtype, seed = draw(dtypes()), draw(seeds())
    decimals = 2 if kind == "far" else None
    original, gradient = random_tensors(2, (rows, columns), dtype, seed, decimals=decimals)
    table = torch.nn.Parameter(move(original, kind, seed))
    table.grad = gradient * (torch.arange(rows) % 2 == seed % 2)[:, None]
    return TrainedTable(table, original, trained_ids)


def move(original: torch.Tensor, kind: Moves, seed: int = 0) -> torch.Tensor:
    """Return a table `[V, D]` every row of which has moved away from `original`.

    "far" adds half and more to every number. "near" shrinks every row (of numbers other than zero) by its own
    share, from `LEAST_NEAR` to `MOST_NEAR`. "one ulp" moves one number of each row to the next that its dtype has.
    """
    rows, columns = original.shape
    if kind == "far":
        (moves,) = random_tensors(1, (rows, columns), original.dtype, seed + 1)
        return original + 0.5 + moves.abs()
    if kind == "near":
        drawn = torch.rand((rows, 1), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        shares = LEAST_NEAR * (MOST_NEAR / LEAST_NEAR) ** drawn
        return (original.double() * (1 - shares)).to(original.dtype)
    places = torch.arange(rows), (torch.arange(rows) + seed) % columns
    moved = original.clone()
    moved[places] = torch.nextafter(original, torch.full_like(original, math.inf))[places]
    return moved
