"""Checks of a real Stable Diffusion: its device is there, its weights load and answer, its tolerances were measured."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, NamedTuple

from grader.diffusion import tolerances
from grader.diffusion.choice import chosen
from grader.diffusion.compatibility import shipped_rows_hold
from grader.doctor.finding import Finding, State, listed
from grader.doctor.subprocesses import Answer, Step, take
from grader.doctor.trials import FOR_MODELS, OTHER_TORCH, missing_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from grader.diffusion.choice import Choice

SECONDS = 1200.0  # gigabytes of weights
_NOT_REACHED = Answer(worked=False, said="not reached, because the problem below ended the process")


class Asked(NamedTuple):
    """What was asked for on the command line; None if an option was not given."""

    model: str | None
    device: str | None = None
    dtype: str | None = None


def real_model(asked: Asked, course: Path | None) -> Iterator[Finding]:
    """Look at the device and, if a model is named, at the model on it; `course` is the folder of the course, if any."""
    if missing := missing_of(FOR_MODELS):
        yield Finding("device", State.SKIPPED, f"not tried: it needs {listed(missing)}")
        return
    steps = [Step("find", "find_model", {"model": asked.model})] if asked.model else []
    steps.append(Step("device", "device", {"wanted": asked.device}))
    if asked.model:
        steps.append(Step("load", "load_model", {"model": asked.model, "wanted": asked.device, "dtype": asked.dtype}))
    answers = take(steps, SECONDS)
    device, found, loaded = (answers.get(label, _NOT_REACHED) for label in ("device", "find", "load"))
    remedy = "" if device.worked or device.advised else OTHER_TORCH
    yield Finding("device", State.OK if device.worked else State.PROBLEM, device.said, remedy)
    if not asked.model:
        return
    if found.worked and not found.said:
        remedy = f"the first `grade --tier gpu --model {shlex.quote(asked.model)}` downloads it"
        yield Finding("model", State.WARNING, f"{asked.model} is not on this machine yet", remedy)
    elif not found.worked:
        yield Finding("model", State.PROBLEM, found.said)
    elif not device.worked:
        yield Finding("model", State.SKIPPED, f"not loaded, because its device cannot be used: {found.said}")
    elif not loaded.worked:
        remedy = "" if loaded.advised else "copy the model again, or try another --device or --dtype"
        yield Finding("model", State.PROBLEM, f"it cannot be used: {loaded.said}", remedy)
    else:
        choice = chosen(**json.loads(loaded.said))
        yield Finding("model", State.OK, f"{choice.folder} answers on {choice.device} in {choice.dtype}")
        yield measured(choice, course)


def measured(choice: Choice, course: Path | None) -> Finding:
    """Check that tolerances were measured for a model's device and dtype, because nothing is graded without them."""
    known = tolerances.table(course) if course else tolerances.read(tolerances.SHIPPED)
    rows = known.for_weights(shipped=shipped_rows_hold(choice.folder)).rows
    here = f"on {choice.device} in {choice.dtype}"
    steps = [row.steps for row in rows if (row.device, row.dtype) == (choice.kind, choice.dtype)]
    if not steps:
        found = f"tolerances have not been measured {here}, so nothing can be graded there"
        return Finding("tolerances", State.PROBLEM, found, tolerances.command(choice))
    return Finding("tolerances", State.OK, f"measured {here}, for up to {max(steps)} steps")
