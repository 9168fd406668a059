"""Draws weights with low-rank bypasses beside them, and finds what is wrong with a fresh bypass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import torch
from hypothesis import strategies as st

from grader.checks.assertions import CheckFailure, assert_items, assert_like
from grader.checks.strategies import dtypes, random_tensors, seeds

if TYPE_CHECKING:
    from collections.abc import Sequence


Form = Literal["any", "square", "tall", "wide"]

ALPHAS = (4.0, 2.0, 1.0, 0.5, 3.0, 8.0, 16.0)
FORMS: tuple[Form, ...] = ("any", "square", "tall", "wide")
SPREAD_TOLERANCE = 0.05  # four and a half times what the spread of 4096 normal numbers is itself uncertain by
FAR = 2.5  # spreads from the mean: one normal number in 80 lies beyond, and none of an even distribution


class Bypass(NamedTuple):
    """Inputs `x` `[..., in]`, a `weight` `[out, in]`, and a bypass beside it: `A` `[r, in]`, `B` `[out, r]`, alpha."""

    x: torch.Tensor
    weight: torch.Tensor
    A: torch.Tensor
    B: torch.Tensor
    alpha: float

    @property
    def adapter(self) -> tuple[torch.Tensor, torch.Tensor, float]:
        """`(A, B, alpha)`, as a list of adapters holds them."""
        return self.A, self.B, self.alpha


class Composition(NamedTuple):
    """A `weight` `[out, in]` and several adapters `(A, B, alpha)` for it, each of a rank of its own."""

    weight: torch.Tensor
    adapters: list[tuple[torch.Tensor, torch.Tensor, float]]


@st.composite
def sizes(draw: st.DrawFn, *, longest_side: int = 4) -> tuple[int, int]:
    """Draw (out, in), each 1 to `longest_side`; a third of them square, where a transpose still fits."""
    form = draw(st.sampled_from(FORMS))
    side = st.integers(1, longest_side)
    first, second = draw(side), draw(side)
    if form == "square":
        return first, first
    if form == "any":
        return first, second
    return (max(first, second), min(first, second)) if form == "tall" else (min(first, second), max(first, second))


@st.composite
def bypasses(
    draw: st.DrawFn,
    *,
    longest_side: int = 4,
    least_rank: int = 1,
    largest_rank: int = 4,
    decimals: int = 2,
    alphas: Sequence[float] = ALPHAS,
) -> Bypass:
    """Draw a `Bypass` of float32 or float64 whose numbers have that many decimals; alpha is seldom the rank."""
    out_features, in_features = draw(sizes(longest_side=longest_side))
    rank, alpha = draw(st.integers(least_rank, largest_rank)), draw(st.sampled_from(alphas))
    batch: tuple[int, ...] = draw(st.sampled_from(((), (1,), (3,), (2, 3))))
    dtype, seed = draw(dtypes()), draw(seeds())
    shapes = ((*batch, in_features), (out_features, in_features), (rank, in_features), (out_features, rank))
    x, weight, a, b = (
        random_tensors(1, shape, dtype, seed + 1000 * number, decimals=decimals)[0]
        for number, shape in enumerate(shapes)
    )
    return Bypass(x, weight, a, b, alpha)


@st.composite
def single_numbers(draw: st.DrawFn, *, alphas: Sequence[float] = ALPHAS) -> Bypass:
    """Draw a `Bypass` that can be followed by eye: each row of A and each column of B holds one number, and zeros."""
    dense = draw(bypasses(alphas=alphas))
    a, b = torch.zeros_like(dense.A), torch.zeros_like(dense.B)
    for k in range(a.shape[0]):
        a[k, draw(st.integers(0, a.shape[1] - 1))] = draw(st.sampled_from((1.0, 2.0, -3.0)))
        b[draw(st.integers(0, b.shape[0] - 1)), k] = draw(st.sampled_from((1.0, 3.0, -2.0)))
    return dense._replace(A=a, B=b)


@st.composite
def compositions(
    draw: st.DrawFn, *, fewest: int = 0, most: int = 3, longest_side: int = 4, largest_rank: int = 4
) -> Composition:
    """Draw a `Composition` of `fewest` to `most` adapters, ranks and alphas drawn for each."""
    out_features, in_features = draw(sizes(longest_side=longest_side))
    dtype, seed, number = draw(dtypes()), draw(seeds()), draw(st.integers(fewest, most))
    adapters = []
    for index in range(number):
        rank, alpha = draw(st.integers(1, largest_rank)), draw(st.sampled_from(ALPHAS))
        (a,) = random_tensors(1, (rank, in_features), dtype, seed + 2000 * index + 1)
        (b,) = random_tensors(1, (out_features, rank), dtype, seed + 2000 * index + 1001)
        adapters.append((a, b, alpha))
    (weight,) = random_tensors(1, (out_features, in_features), dtype, seed)
    return Composition(weight, adapters)


def carried(single: Bypass) -> torch.Tensor:
    """Return what a layer gives with a bypass of `single_numbers` beside it, in float64: `[..., out]`.

    Its k-th rank takes x at one place, and adds alpha / r times that, times its two numbers, to the result at another.
    """
    x, weight, a, b, alpha = single
    given = x.double() @ weight.double().T
    for row, column in zip(a.double(), b.double().T, strict=True):
        start, end = int(row.nonzero()), int(column.nonzero())
        given[..., end] += alpha / a.shape[0] * row[start] * column[end] * x[..., start].double()
    return given


def of_one_rank(bypass: Bypass) -> list[Bypass]:
    """Return a bypass of rank 1 for each rank of a bypass, all else the same."""
    return [bypass._replace(A=bypass.A[[k]], B=bypass.B[:, [k]]) for k in range(bypass.A.shape[0])]


def assert_fresh(actual: object, weight: torch.Tensor, rank: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the (A, B) of a fresh bypass, both of their shape and dtype and finite, or raise `CheckFailure`."""
    __tracebackhide__ = True
    a, b = assert_items(actual, ("A", "B"))
    out_features, in_features = weight.shape
    return (
        assert_like(a, torch.empty(rank, in_features, dtype=weight.dtype), what="A"),
        assert_like(b, torch.empty(out_features, rank, dtype=weight.dtype), what="B"),
    )


def assert_normal(numbers: torch.Tensor, spread: float, sentence: str) -> None:
    """Raise `CheckFailure` unless the numbers look drawn from a normal distribution around 0 with that spread."""
    __tracebackhide__ = True
    mean, found = float(numbers.mean()), float(numbers.std())
    beyond = float((numbers.abs() > FAR * spread).double().mean())
    if abs(found / spread - 1) > SPREAD_TOLERANCE or abs(mean) > SPREAD_TOLERANCE * spread or not beyond:
        raise CheckFailure(
            sentence,
            expected=f"mean 0, spread {spread:.4g}, about 1 % beyond {FAR} spreads",
            actual=f"mean {mean:.4g}, spread {found:.4g}, {100 * beyond:.1f} % beyond {FAR * spread:.4g}",
        )
