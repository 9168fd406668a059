"""Says in sentences where and how a tensor differs from the one expected; each is a fact that was computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from grader.checks.text import MOST_NUMBERS, describe_number

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_COMPARED = 2**22  # numbers: what is larger is told by its worst place alone
_AXES = {
    1: ("position",),
    2: ("row", "column"),
    3: ("channel", "row", "column"),
    4: ("batch entry", "channel", "row", "column"),
}
_MOST_NAMED = 6  # rows, columns and so on that are named one by one
_LEAST_SPREAD = 1e-6  # of numbers that a weighted sum is looked for in: anything is a multiple of a constant


def how_they_differ(actual: torch.Tensor, expected: torch.Tensor, tolerance: float) -> tuple[str, ...]:
    """Return sentences on two finite tensors of equal shape that are further than `tolerance` from each other.

    First where: how many numbers differ by more than is accepted, and in which rows, columns or channels if it is not
    all of them. Then how, if that can be said: a factor, a constant, a sign, an order. At last the mean and the spread,
    if both are too long to be read.
    """
    if not 1 < expected.numel() <= MOST_COMPARED or expected.is_complex() or actual.shape != expected.shape:
        return ()
    actual, expected = actual.detach().double(), expected.detach().double()
    if not bool((actual.isfinite() & expected.isfinite()).all()):
        return ()
    least = tolerance * max(1.0, float(expected.abs().max()))
    wrong = (actual - expected).abs() > least
    if not bool(wrong.any()):
        return ()
    said = [_where(wrong), _relation(actual, expected, wrong, least)]
    if expected.numel() > MOST_NUMBERS:
        said.append(
            f"Expected: mean {_mean(expected)}, spread {_spread(expected)}. "
            f"Yours: mean {_mean(actual)}, spread {_spread(actual)}."
        )
    return tuple(filter(None, said))


def _where(wrong: torch.Tensor) -> str:
    count, total = int(wrong.sum()), wrong.numel()
    if count == total:
        return f"All {total} numbers differ." if total > 1 else ""
    places = [
        f"{name}{'' if len(found) == 1 else 's' if not name.endswith('y') else ''} {_listed(found)}"
        for axis, name in enumerate(_names(wrong.ndim))
        if 0 < len(found := _along(wrong, axis)) < wrong.shape[axis]
    ]
    if not places:
        return f"{count} of {total} numbers differ."
    places = [place.replace("batch entrys", "batch entries") for place in places]
    return f"{count} of {total} numbers differ, all of them in {', '.join(places)}."


def _names(ndim: int) -> Sequence[str]:
    return _AXES.get(ndim) or [f"place along axis {axis}," for axis in range(ndim)]


def _along(wrong: torch.Tensor, axis: int) -> list[int]:
    """Return the positions along an axis at which anything is wrong."""
    others = [other for other in range(wrong.ndim) if other != axis]
    return (wrong.any(dim=others) if others else wrong).nonzero().flatten().tolist()


def _listed(numbers: Sequence[int]) -> str:
    if len(numbers) > 1 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{numbers[0]} to {numbers[-1]}"
    if len(numbers) <= _MOST_NAMED:
        return ", ".join(map(str, numbers[:-1])) + (" and " if numbers[:-1] else "") + str(numbers[-1])
    return f"{', '.join(map(str, numbers[:_MOST_NAMED]))} and {len(numbers) - _MOST_NAMED} more"


def _relation(actual: torch.Tensor, expected: torch.Tensor, wrong: torch.Tensor, least: float) -> str:
    """Return how the numbers that differ relate to those expected, "" if no simple relation holds for all of them."""
    mine, due = actual[wrong], expected[wrong]
    there = "" if bool(wrong.all()) else " in these places"
    if bool((mine.abs() <= least).all()):
        return f"Yours is 0{there}."
    if mine.numel() > 1 and float((mine - mine[0]).abs().max()) <= least and float((due - due[0]).abs().max()) > least:
        return f"Yours is the same number everywhere{there}: {describe_number(float(mine[0]))}."
    if float((mine + due).abs().max()) <= least:
        return f"Yours has the sign turned around{there}."
    if due.numel() > 2 and float(due.std()) > _LEAST_SPREAD:  # noqa: PLR2004 - two numbers are a weighted sum of any other two
        if linear := _linear(mine, due, least):
            return f"{linear[:-1]}{there}."
        return _order(actual, expected, least)
    return ""


def _linear(mine: torch.Tensor, due: torch.Tensor, least: float) -> str:
    """Return a sentence if `mine` is `due` times a factor, plus a constant, or both."""
    factor = float((mine * due).sum() / (due * due).sum())
    if float((mine - factor * due).abs().max()) <= least:
        return f"Yours is {factor:.4g} times what is expected."
    shift = float((mine - due).mean())
    if float((mine - due - shift).abs().max()) <= least:
        return f"Yours is what is expected {'plus' if shift > 0 else 'minus'} {abs(shift):.4g}."
    columns = torch.stack([due, torch.ones_like(due)], dim=1)
    factor, shift = torch.linalg.lstsq(columns, mine[:, None]).solution[:, 0].tolist()
    if factor and float((mine - factor * due - shift).abs().max()) <= least:
        return f"Yours is {factor:.4g} times what is expected, {'plus' if shift > 0 else 'minus'} {abs(shift):.4g}."
    return ""


def _order(actual: torch.Tensor, expected: torch.Tensor, least: float) -> str:
    """Return a sentence if `actual` has the numbers expected in another order along its axes."""

    def same(changed: torch.Tensor) -> bool:
        return changed.shape == actual.shape and float((changed - actual).abs().max()) <= least

    for axis, name in enumerate(_names(expected.ndim)):
        if expected.shape[axis] > 1 and same(expected.flip(axis)):
            return f"Yours has the {name}s in the opposite order.".replace("entrys", "entries")
    if expected.ndim > 1 and same(expected.transpose(-1, -2)):
        return "Yours has rows and columns exchanged."
    for axis, name in enumerate(_names(expected.ndim)):
        for shift in (1, -1) if expected.shape[axis] > 2 else ():  # noqa: PLR2004 - of two, a shift is a flip
            if same(expected.roll(shift, axis)):
                return f"Yours is shifted by one {name}."
    return ""


def _mean(tensor: torch.Tensor) -> str:
    return describe_number(round(float(tensor.mean()), 6))


def _spread(tensor: torch.Tensor) -> str:
    return describe_number(round(float(tensor.std(correction=0)), 6))
