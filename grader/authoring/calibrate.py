"""Measures how far right solutions differ from diffusers' pipelines on a device, and how close known mistakes come.

Everything runs in this one process, on the judge's own copy of the model: solutions and variants are the course's.
"""

from __future__ import annotations

import copy
import functools
import importlib.metadata
import importlib.util
import math
import platform
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from grader import faults
from grader.authoring.calibration_inputs import COMPONENT, Trial, measurements_of
from grader.authoring.calibration_log import Found, Log
from grader.checks import distance
from grader.checks.images import WHITE, pixels
from grader.diagnosis.variants import describe_variant
from grader.diffusion.choice import SEEDED
from grader.diffusion.compatibility import is_seeded
from grader.diffusion.loading import using
from grader.diffusion.request import identity, load_chosen
from grader.diffusion.stable_diffusion import stable_diffusion
from grader.diffusion.tolerances import ROUNDING, Row, between
from grader.errors import UsageError
from grader.sandbox.wire.handles import Handle
from grader.workbench import recipes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from PIL.Image import Image
    from torch import Tensor

    from grader.course.model import Exercise
    from grader.diffusion.choice import Choice
    from grader.diffusion.loading import LoadedModel
    from grader.diffusion.stable_diffusion import StableDiffusion
    from grader.diffusion.tolerances import Quantity

STEPS = (2, 6, 10, 20, 50)
SAMPLERS = ("ddim", "dpm++", "euler")
LEAST_MARGIN = 4.0  # a factor of two to either side of the tolerance
# Relative: how much float32 sums differ in another order. In half precision it would be a matter of luck whether this
# rounds any number to the other side, so it is larger there.
OTHER_SUMS = {"float32": 1e-6, "float16": 2e-5, "bfloat16": 2e-5}


class Case(NamedTuple):
    """One solution in one trial."""

    trial: Trial
    solution: str  # "solution", "accepted/NAME", "wrong/NAME", or "solution, rounded otherwise"
    quantity: Quantity
    steps: int
    distance: float
    seconds: float


class Raised(NamedTuple):
    """A solution that gave no result in one trial, and what it raised instead."""

    trial: Trial
    solution: str  # as in `Case`
    error: str

    @property
    def is_right(self) -> bool:
        """Whether it is one that must not raise."""
        return not self.solution.startswith("wrong/")


class Measured(NamedTuple):
    """The rows of a table, the cases that they sum up, and the solutions that raised; no rows if a right one did."""

    rows: tuple[Row, ...]
    cases: tuple[Case, ...]
    raised: tuple[Raised, ...]

    @property
    def is_whole(self) -> bool:
        """Whether every solution that is right has given a result."""
        return not any(raised.is_right for raised in self.raised)


def trials(exercises: Sequence[Exercise], steps: Sequence[int], seeds: int) -> list[Trial]:
    """Return the trials of those exercises that can be measured; raise `UsageError` if there are none."""
    measured = measurements_of(exercises[0].root)
    found = []
    for exercise in exercises:
        if exercise.name not in measured or exercise.solution is None:
            continue
        for measurement in measured[exercise.name]:
            for seed in range(seeds):
                for number, count in enumerate(steps if measurement.in_steps else (0,)):
                    found.append(Trial(exercise, measurement, count, SAMPLERS[(seed + number) % len(SAMPLERS)], seed))
    if not found:
        those = f"one of the exercises {', '.join(measured)}" if measured else "`MEASURED` in `_calibration.py` there"
        raise UsageError(f"Nothing can be measured: this needs `reference/` and {those}.")
    return found


def measure(
    choice: Choice,
    trials: Sequence[Trial],
    finished: Callable[[str], None],
    *,
    all_mistakes: bool = False,
    log: Path | None = None,
) -> Measured:
    """Run all solutions on all trials, and call `finished` after each trial.

    Measures every wrong variant, or only those that a measurement's checks are meant to catch. What is found is added
    to the file `log`, and what that says of an interrupted run is not measured again.
    """
    model = load_chosen(choice)
    kept = Log(log, f"{_made_with(choice)} {identity(choice, trials[0].exercise.root)}")
    sd = stable_diffusion(model)
    cases: list[Case] = []
    raised: list[Raised] = []
    with using(choice):  # recipes build objects of it
        for trial in trials:
            for found in _results(model, sd, trial, kept, all_mistakes=all_mistakes):
                (cases if isinstance(found, Case) else raised).append(found)  # type: ignore[arg-type]
            finished(f"{trial.exercise.name}, {trial.steps} steps" if trial.steps else trial.exercise.name)
    measured = Measured((), tuple(cases), tuple(raised))
    return measured._replace(rows=tuple(_rows(choice, cases))) if measured.is_whole else measured


class _Solution(NamedTuple):
    """What is measured in a trial: its name, as in `Case`, its file, and whether its input is rounded otherwise."""

    name: str
    path: Path
    rounded: bool = False


# --- one trial ---------------------------------------------------------------------------------------------------


def _results(
    model: LoadedModel, sd: StableDiffusion, trial: Trial, log: Log, *, all_mistakes: bool
) -> Iterator[Case | Raised]:
    measured = trial.measurement

    @functools.cache
    def asked() -> tuple[dict[str, Any], Any]:
        return measured.inputs(sd, trial), measured.oracle(sd, trial)

    for solution in _solutions(trial, all_mistakes=all_mistakes):
        key = log.key(trial, solution.name, solution.path)
        found = log.known(key)
        if found is None:
            found = _found(model, trial, solution, *asked())
            log.keep(key, found)
        if found.error:
            yield Raised(trial, solution.name, found.error)
        else:
            yield Case(trial, solution.name, measured.quantity, trial.steps, found.distance, found.seconds)


def _solutions(trial: Trial, *, all_mistakes: bool) -> Iterator[_Solution]:
    exercise, due = trial.exercise, trial.measurement.caught_by
    if exercise.solution is None:
        return
    yield _Solution("solution", exercise.solution)
    yield _Solution("solution, rounded otherwise", exercise.solution, rounded=True)
    for path in exercise.accepted:
        yield _Solution(f"accepted/{path.stem}", path)
    for path in exercise.wrong:
        if all_mistakes or describe_variant(path).caught_by in due:
            yield _Solution(f"wrong/{path.stem}", path)


def _found(model: LoadedModel, trial: Trial, solution: _Solution, given: dict[str, Any], expected: Any) -> Found:
    started = time.perf_counter()
    if solution.rounded:
        given = {name: _rounded_otherwise(value, model.choice.dtype) for name, value in given.items()}
    own = _own(model, given, trial.kind)
    try:
        actual = trial.measurement.found(_function(solution.path, trial.exercise.name)(**own), own)
    except Exception as error:
        if not solution.name.startswith("wrong/"):
            faults.show(error)
        return Found(0.0, 0.0, f"{type(error).__name__}: {error}".removesuffix(": ").removesuffix("."))
    seconds = time.perf_counter() - started
    found = distance(_as_tensor(actual), _as_tensor(expected)) if _comparable(actual, expected) else float("inf")
    return Found(found, seconds)


def _own(model: LoadedModel, arguments: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return the arguments of one call: tensors, components and a scheduler of its own."""
    made: dict[str, Any] = {}
    built: list[tuple[Handle, Any]] = []  # equal handles are one object
    for name, value in arguments.items():
        if value is COMPONENT:
            made[name] = model.make_scheduler(kind) if name == "scheduler" else model.copy_of(name)
        elif isinstance(value, Handle):
            made[name] = _built(value, built)
        else:
            made[name] = copy.deepcopy(value)
    return made


def _built(handle: Handle, known: list[tuple[Handle, Any]]) -> Any:
    for other, made in known:
        if other == handle:
            return made
    given = {name: _built(each, known) if isinstance(each, Handle) else each for name, each in handle.arguments.items()}
    made = getattr(recipes, handle.recipe)(**given)
    known.append((handle, made))
    return made


def _rounded_otherwise(value: Any, dtype: str) -> Any:
    """Return a tensor as another order of sums might have left it: every number off by about one rounding."""
    if isinstance(value, dict):
        return {name: _rounded_otherwise(each, dtype) for name, each in value.items()}
    if not isinstance(value, torch.Tensor) or not value.is_floating_point():
        return value
    if bool(((value == 0) | (value == 1)).all()):  # a mask, which is exact
        return value
    generator = torch.Generator().manual_seed(value.numel())
    return value * (1 + OTHER_SUMS[dtype] * (torch.rand(value.shape, generator=generator) - 0.5))


def _function(path: Path, name: str) -> Callable[..., Any]:
    spec = importlib.util.spec_from_file_location(f"measured_{path.parent.name}_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path} cannot be imported.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function: Callable[..., Any] = getattr(module, name)
    return function


def _as_tensor(value: Tensor | Image | float) -> Tensor:
    if isinstance(value, float):
        return torch.tensor(value, dtype=torch.float64)
    return value if isinstance(value, torch.Tensor) else pixels(value).double() / WHITE


def _comparable(actual: Any, expected: Any) -> bool:
    if isinstance(expected, float):
        return isinstance(actual, float) and math.isfinite(actual)
    if isinstance(expected, torch.Tensor):
        return isinstance(actual, torch.Tensor) and actual.shape == expected.shape and bool(actual.isfinite().all())
    return getattr(actual, "size", None) == expected.size and getattr(actual, "mode", "") == "RGB"


# --- summing up --------------------------------------------------------------------------------------------------


def _rows(choice: Choice, cases: Sequence[Case]) -> list[Row]:
    rows = []
    for quantity, steps in dict.fromkeys((case.quantity, case.steps) for case in cases):
        here = [case for case in cases if (case.quantity, case.steps) == (quantity, steps)]
        right = [case.distance for case in here if not case.solution.startswith("wrong/")]
        largest: dict[tuple[str, str], float] = defaultdict(float)
        for case in here:
            if case.solution.startswith("wrong/"):
                key = case.trial.exercise.name, case.solution
                largest[key] = max(largest[key], case.distance)
        farthest = max(right)
        told = {
            name: found
            for name, found in largest.items()
            if found >= LEAST_MARGIN * max(farthest, ROUNDING[choice.dtype])
        }
        nearest = min(told.values(), default=1.0)
        rows.append(
            Row(
                device=choice.kind,
                dtype=choice.dtype,
                quantity=quantity,
                steps=steps,
                right=float(f"{farthest:.3g}"),
                wrong=float(f"{nearest:.3g}"),
                tolerance=between(farthest, nearest, choice.dtype),
                cases=len(right),
                made_with=_made_with(choice),
                untold=tuple(sorted(f"{exercise}/{name}" for exercise, name in largest.keys() - told.keys())),
                told=len(told),
                weights=SEEDED if is_seeded(choice.folder) else "",
            )
        )
    return rows


def _made_with(choice: Choice) -> str:
    versions = " ".join(f"{name} {importlib.metadata.version(name)}" for name in ("torch", "diffusers"))
    system = f"{platform.system()} {platform.machine()}"
    hardware = torch.cuda.get_device_name() if choice.kind == "cuda" else system
    size = f" at {choice.pixels} pixels" if choice.pixels else ""
    name = choice.folder.name if Path(choice.name).is_dir() else choice.name  # of a copy from the hub, that is a hash
    return f"{name}{size}, {versions}, {hardware}"
