"""Draws readings of two decimals, as statements promise them."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

TABLES = ((1, 2), (2, 2), (3, 2), (2, 4))


def numbers(least: int = -1000, most: int = 1000) -> st.SearchStrategy[float]:
    """Draw numbers of two decimals."""
    return st.integers(100 * least, 100 * most).map(lambda hundredths: hundredths / 100)


@st.composite
def different_readings(draw: st.DrawFn) -> np.ndarray:
    """Draw readings `[n]` of which no two are equal."""
    return np.array(draw(st.lists(numbers(), min_size=2, max_size=8, unique=True)))


@st.composite
def tables(draw: st.DrawFn) -> np.ndarray:
    """Draw a table `[rows, columns]` in which no two readings are equal."""
    shape = draw(st.sampled_from(TABLES))
    count = shape[0] * shape[1]
    return np.array(draw(st.lists(numbers(), min_size=count, max_size=count, unique=True))).reshape(shape)


@st.composite
def scales(draw: st.DrawFn) -> tuple[float, float]:
    """Draw the two ends of a scale, `low` and `high`."""
    low = draw(numbers(-99, 98))
    return low, draw(numbers(1, 2)) + low


@st.composite
def partly_failed(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Draw good readings `[n]`, and the same with one to three NaN among them."""
    good = draw(st.lists(numbers(-100, 100), min_size=1, max_size=6))
    mixed = list(good)
    for _ in range(draw(st.integers(1, 3))):
        mixed.insert(draw(st.integers(0, len(mixed))), float("nan"))
    return np.array(good), np.array(mixed)
