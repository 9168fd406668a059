"""Says where a sampling run first goes wrong, by what its model was asked."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import takewhile
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from exercises._shared._model import asked_timesteps
from grader.checks.assertions import CheckFailure, Strayed, distance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

UNEXPLAINED = 1e-3  # of a sample, by `distance`: if other tensors leave more than this, it is not a sum of them


class Asked(NamedTuple):
    """One question to a model: the timestep, and the sample, without its copy for the other half of guidance."""

    timestep: float
    sample: torch.Tensor


def questions(calls: Sequence[tuple[float, torch.Tensor]], batch: int) -> list[Asked]:
    """Return what was asked by calls of timestep and sample; two calls in a row for a timestep are one, in halves."""
    asked: list[Asked] = []
    for timestep, sample in calls:
        if not asked or asked[-1].timestep != timestep:
            asked.append(Asked(timestep, sample[:batch]))
    return asked


def asked_by(calls: Sequence[dict[str, Any]], batch: int) -> list[Asked]:
    """Return what a submission's model was asked, as `readers.calls` reads it."""
    return questions([(asked_timesteps([call])[0], call["sample"]) for call in calls if _has_a_sample(call)], batch)


@contextmanager
def saying_where(
    calls: Callable[[], Sequence[dict[str, Any]]],
    right: Callable[[], Sequence[tuple[float, torch.Tensor]]],
    start: Mapping[str, torch.Tensor],
    tolerance: float,
) -> Iterator[None]:
    """Add to a `CheckFailure` about values where the run first went wrong.

    `calls` reads what the submission's model was asked in this run, and `right` returns the timesteps and samples that
    are right. `start` names the tensors `[B, ...]` that the first sample may be made of.
    """
    try:
        yield
    except CheckFailure as failure:
        if failure.difference is not None:
            batch = len(next(iter(start.values())))
            mine, due = asked_by(calls(), batch), questions(right(), batch)
            failure.sentence = f"{failure.sentence} {where_it_differs(mine, due, start, tolerance)}"
            failure.path = _path(mine, due)
        raise


def _path(found: Sequence[Asked], right: Sequence[Asked]) -> tuple[Strayed, ...]:
    """Return how far what was asked is from what is right, as long as both ask for the same timesteps and shapes."""
    both = takewhile(lambda pair: _is_comparable(*pair), zip(found, right, strict=False))
    return tuple(Strayed(due.timestep, distance(mine.sample, due.sample)) for mine, due in both)


def _is_comparable(mine: Asked, due: Asked) -> bool:
    return mine.timestep == due.timestep and mine.sample.shape == due.sample.shape


def where_it_differs(
    found: Sequence[Asked], right: Sequence[Asked], start: Mapping[str, torch.Tensor], tolerance: float
) -> str:
    """Return in a sentence or two where what was asked first differs from what is right."""
    for place, (mine, due) in enumerate(zip(found, right, strict=False)):
        if mine.timestep != due.timestep:
            return (
                f"Question {place + 1} to the model is for timestep {mine.timestep:g}; "
                f"it must be for timestep {due.timestep:g}."
            )
        if mine.sample.shape != due.sample.shape:
            return f"At timestep {due.timestep:g} the model sees a sample of a wrong shape, {list(mine.sample.shape)}."
        if not distance(mine.sample, due.sample) <= tolerance:  # False for NaN
            return _from_the_start(mine, due, start) if place == 0 else _on_the_way(found[place - 1], mine, due)
    if len(found) < len(right):
        return f"The model is never asked question {len(found) + 1}, for timestep {right[len(found)].timestep:g}."
    if len(found) > len(right):
        return f"After the last question the model is asked again, for timestep {found[len(right)].timestep:g}."
    return "The model sees the right sample at every timestep: the difference comes after its last prediction."


def _has_a_sample(call: Mapping[str, Any]) -> bool:
    """Tell whether a call has a sample to compare: the first ones have, and what a submission says may be anything."""
    sample = call.get("sample")
    return isinstance(sample, torch.Tensor) and sample.is_floating_point() and sample.ndim > 0


def _from_the_start(mine: Asked, due: Asked, start: Mapping[str, torch.Tensor]) -> str:
    """Return what is wrong about the first sample: its scale, what it is made of, or only that it is another one."""
    sentence = f"It is wrong from the start: the first sample that the model sees, at timestep {due.timestep:g}, is"
    factor = _weights(mine.sample, {"the right one": due.sample})
    if factor is not None:
        return f"{sentence} {factor}."
    found, right = _weights(mine.sample, start), _weights(due.sample, start)
    return f"{sentence} {found}; it must be {right}." if found and right else f"{sentence} not the right one."


def _on_the_way(before: Asked, mine: Asked, due: Asked) -> str:
    """Return between which two questions a run goes wrong, and whether what follows is wrong by a factor only."""
    right = f"At timestep {before.timestep:g} the model still sees the right sample; the next one, "
    factor = _weights(mine.sample, {"the right one": due.sample})
    wrong = f"at timestep {due.timestep:g}, is {factor or 'wrong'}."
    if due.timestep > before.timestep:
        return f"{right}{wrong} There the second stage starts."
    return f"{right}{wrong} It goes wrong in the step between the two."


def _weights(sample: torch.Tensor, parts: Mapping[str, torch.Tensor]) -> str | None:
    """Return a sample as a weighted sum of others, in words, None if it is not such a sum."""
    columns = torch.stack([part.double().flatten() for part in parts.values()], dim=1)
    target = sample.double().flatten()
    if len(columns) < 2 * len(parts) or not bool(target.isfinite().all()):
        return None  # so few numbers are a weighted sum of anything
    weights = torch.linalg.lstsq(columns, target[:, None]).solution[:, 0]
    if distance(columns @ weights, target) > UNEXPLAINED:
        return None
    return " + ".join(f"{weight:.4g} times {name}" for weight, name in zip(weights.tolist(), parts, strict=True))
