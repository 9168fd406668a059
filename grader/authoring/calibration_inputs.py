"""What a course says of its exercises that calibration can measure: `MEASURED` in `reference/_calibration.py`."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader.plugin.course_imports import find_helpers_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from grader.course.model import Exercise
    from grader.diffusion.stable_diffusion import StableDiffusion
    from grader.diffusion.tolerances import Quantity

COMPONENT = object()  # stands for a component of the model, or a scheduler, by the name of its argument
PIPELINES_CHECK = "test_equals_the_pipeline"


@dataclass(frozen=True)
class Trial:
    """One exercise on one input: a number of steps (0 where there are none), a sampler, a seed."""

    exercise: Exercise
    measurement: Measurement
    steps: int
    kind: str
    seed: int


@dataclass(frozen=True)
class Measurement:
    """How an exercise is called, and what the pipeline makes of the same.

    `inputs` may be handles, which the workbench's recipes build anew for every call. What is compared with the oracle's
    is the result, or what `found` makes of it and of the arguments after the call. `caught_by` names the checks
    that catch a mistake in what is measured here.
    """

    quantity: Quantity
    in_steps: bool
    inputs: Callable[[StableDiffusion, Trial], dict[str, Any]]
    oracle: Callable[[StableDiffusion, Trial], Any]
    found: Callable[[Any, dict[str, Any]], Any] = lambda result, _arguments: result
    caught_by: tuple[str, ...] = (PIPELINES_CHECK,)


def measurements_of(root: Path) -> Mapping[str, tuple[Measurement, ...]]:
    """Return what a course says can be measured, by the name of the exercise; nothing if it says nothing."""
    if not (root / "reference" / "_calibration.py").is_file():
        return {}
    find_helpers_in(root)
    measured: Mapping[str, tuple[Measurement, ...]] = importlib.import_module("reference._calibration").MEASURED
    return measured
