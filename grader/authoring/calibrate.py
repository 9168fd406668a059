"""Measures how far right solutions stray from diffusers' pipelines on a device, and how near known mistakes come.

Everything runs in this one process, on the judge's own copy of the model: solutions and variants are the course's.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
import resource
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from rich.console import Group
from rich.table import Table
from rich.text import Text

from grader import faults
from grader.checks import distance
from grader.checks.model import PROMPTS, half_mask
from grader.checks.plain import WHITE, pixels
from grader.diagnosis import describe_variant
from grader.diffusion import loading
from grader.diffusion.finding import load_chosen
from grader.diffusion.stable_diffusion import GUIDANCE_SCALE, stable_diffusion
from grader.diffusion.tolerances import ROUNDING, Row, between
from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from PIL.Image import Image
    from rich.console import RenderableType
    from torch import Tensor

    from grader.course.model import Exercise
    from grader.diffusion.choice import Choice
    from grader.diffusion.stable_diffusion import StableDiffusion
    from grader.diffusion.tolerances import Quantity

STEPS = (2, 6, 10, 20, 50)
SAMPLERS = ("ddim", "dpm++", "euler")
STRENGTH = 0.65
MASK_STRENGTH = 0.9
LEAST_MARGIN = 4.0  # a factor of two to either side of the tolerance
# Relative: what float32 sums in another order differ by. In half precision it is a matter of luck whether any number is
# then rounded to the other side; with more of it some always are.
OTHER_SUMS = {"float32": 1e-6, "float16": 2e-5, "bfloat16": 2e-5}
CAUGHT_BY = "test_equals_the_pipeline"  # what a mistake must be caught by to show in these distances
_NOISE_SEED = 100


@dataclass(frozen=True)
class Trial:
    """One exercise on one input: a number of steps (0 where there are none), a sampler, a seed."""

    exercise: Exercise
    steps: int
    kind: str
    seed: int


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
    """Return what is measured of those exercises that can be; raise `UsageError` if there is none."""
    found = []
    for exercise in exercises:
        if exercise.name not in _MEASURED or exercise.solution is None:
            continue
        in_steps = _MEASURED[exercise.name].in_steps
        for seed in range(seeds):
            for number, count in enumerate(steps if in_steps else (0,)):
                found.append(Trial(exercise, count, SAMPLERS[(seed + number) % len(SAMPLERS)], seed))
    if not found:
        names = ", ".join(_MEASURED)
        raise UsageError(f"Nothing can be measured: it takes reference/ and one of the exercises {names}.")
    return found


def measure(
    choice: Choice, trials: Sequence[Trial], finished: Callable[[str], None], *, all_mistakes: bool = False
) -> Measured:
    """Run all solutions on all trials, and call `finished` after each trial.

    Measures every wrong variant, or only those that `CAUGHT_BY` is meant to catch.
    """
    load_chosen(choice)
    sd = stable_diffusion()
    cases: list[Case] = []
    raised: list[Raised] = []
    for trial in trials:
        for found in _results(sd, trial, all_mistakes=all_mistakes):
            (cases if isinstance(found, Case) else raised).append(found)  # type: ignore[arg-type]
        finished(f"{trial.exercise.name}, {trial.steps} steps" if trial.steps else trial.exercise.name)
    measured = Measured((), tuple(cases), tuple(raised))
    return measured._replace(rows=tuple(_rows(choice, cases))) if measured.is_whole else measured


def table(measured: Measured, path: Path) -> RenderableType:
    """Return what was measured: a line for what becomes a row, one for every solution, and one for what raised."""
    rows, cases, raised = measured
    summary = Table(box=None, pad_edge=False, padding=(0, 2), header_style="dim")
    for title in ("device", "dtype", "quantity"):
        summary.add_column(title)
    for title in ("steps", "cases", "right up to", "tolerance", "mistakes from", "margin"):
        summary.add_column(title, justify="right")
    for row in rows:
        numbers = (row.steps, row.cases, f"{row.right:.2g}", f"{row.tolerance:.2g}", f"{row.wrong:.2g}")
        summary.add_row(row.device, row.dtype, row.quantity, *map(str, numbers), f"{row.margin:.2g}")
    each = Table(box=None, pad_edge=False, padding=(0, 2), header_style="dim")
    for title in ("exercise", "solution", "steps", "distance", "seconds"):
        each.add_column(title, justify="left" if title in ("exercise", "solution") else "right")
    for key, (largest, seconds) in _by_solution(cases).items():
        each.add_row(key[0], key[1], str(key[2]), f"{largest:.2g}", f"{seconds:.1f}")
    lines: list[RenderableType] = [each, Text(), summary]
    if peak := _peak_gibibytes():
        lines.append(Text(f"Most memory: {peak}.", "dim"))
    for row in rows:
        if row.untold:
            about = f"{row.quantity} after {row.steps} steps" if row.steps else row.quantity
            names = ", ".join(name.replace("wrong/", "") for name in row.untold)
            lines.append(Text(f"Not told from right in {about}: {names}.", "yellow"))
    for (exercise, solution, error), count in Counter(
        (r.trial.exercise.name, r.solution, r.error) for r in raised
    ).items():
        times = f" ({count} times)" if count > 1 else ""
        lines.append(Text(f"{exercise}: {solution} raised {error}{times}.", "yellow"))
    if measured.is_whole:
        lines.append(Text(f"Written: {path}", "dim"))
    else:
        lines.append(
            Text(f"Not written: {path}. No solution that is right may raise: correct it and measure again.", "red")
        )
    return Group(*lines)


# --- one trial ---------------------------------------------------------------------------------------------------


def _results(sd: StableDiffusion, trial: Trial, *, all_mistakes: bool) -> Iterator[Case | Raised]:
    exercise, measured = trial.exercise, _MEASURED[trial.exercise.name]
    given, expected = measured.inputs(sd, trial), measured.oracle(sd, trial)

    def result(name: str, path: Path, arguments: dict[str, Any]) -> Case | Raised:
        started = time.perf_counter()
        try:
            actual = _function(path, exercise.name)(**_own(arguments, trial.kind))
        except Exception as error:
            raised = Raised(trial, name, f"{type(error).__name__}: {error}".removesuffix(": ").removesuffix("."))
            if raised.is_right:
                faults.show(error)
            return raised
        seconds = time.perf_counter() - started
        found = distance(_as_tensor(actual), _as_tensor(expected)) if _comparable(actual, expected) else float("inf")
        return Case(trial, name, measured.quantity, trial.steps, found, seconds)

    solution = exercise.solution
    if solution is None:
        return
    yield result("solution", solution, given)
    rounded = {name: _rounded_otherwise(value) for name, value in given.items()}
    yield result("solution, rounded otherwise", solution, rounded)
    for path in exercise.accepted:
        yield result(f"accepted/{path.stem}", path, given)
    for path in exercise.wrong:
        if all_mistakes or describe_variant(path).caught_by == CAUGHT_BY:
            yield result(f"wrong/{path.stem}", path, given)


def _own(arguments: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return the arguments of one call: tensors of its own, parts of its own, a fresh scheduler."""
    made = {}
    for name, value in arguments.items():
        if value is _PART:
            made[name] = loading.make_scheduler(kind) if name == "scheduler" else loading.copy_of(name)
        else:
            made[name] = value.clone() if isinstance(value, torch.Tensor) else value
    return made


def _rounded_otherwise(value: Any) -> Any:
    """Return a tensor as another order of sums might have left it: every number off by about one rounding."""
    if not isinstance(value, torch.Tensor) or bool(((value == 0) | (value == 1)).all()):
        return value
    generator = torch.Generator().manual_seed(value.numel())
    return value * (1 + OTHER_SUMS[loading.choice().dtype] * (torch.rand(value.shape, generator=generator) - 0.5))


def _function(path: Path, name: str) -> Callable[..., Any]:
    spec = importlib.util.spec_from_file_location(f"measured_{path.parent.name}_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path} cannot be imported.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function: Callable[..., Any] = getattr(module, name)
    return function


def _as_tensor(value: Tensor | Image) -> Tensor:
    return value if isinstance(value, torch.Tensor) else pixels(value).double() / WHITE


def _comparable(actual: Any, expected: Any) -> bool:
    if isinstance(expected, torch.Tensor):
        return isinstance(actual, torch.Tensor) and actual.shape == expected.shape and bool(actual.isfinite().all())
    return getattr(actual, "size", None) == expected.size and getattr(actual, "mode", "") == "RGB"


# --- what is measured of each exercise ---------------------------------------------------------------------------

_PART = object()  # stands for a part of the model, or a scheduler, by the name of its argument


@dataclass(frozen=True)
class _Measured:
    """How an exercise is called, and what the pipeline makes of the same."""

    quantity: Quantity
    in_steps: bool
    inputs: Callable[[StableDiffusion, Trial], dict[str, Any]]
    oracle: Callable[[StableDiffusion, Trial], Any]


def _prompt(sd: StableDiffusion, trial: Trial) -> dict[str, Any]:
    return sd.prompt(PROMPTS[trial.seed % len(PROMPTS)], GUIDANCE_SCALE)


def _start(sd: StableDiffusion, trial: Trial) -> dict[str, Any]:
    run = {"z_0": sd.latents(trial.seed), "noise": sd.noise(trial.seed + _NOISE_SEED)}
    return {**run, "strength": STRENGTH, "num_inference_steps": trial.steps, **_prompt(sd, trial)}


def _masked(sd: StableDiffusion, trial: Trial) -> dict[str, Any]:
    return {**_start(sd, trial), "strength": MASK_STRENGTH, "mask": half_mask(sd)}


def _text(sd: StableDiffusion, trial: Trial) -> dict[str, Any]:
    latents = sd.noise(trial.seed + _NOISE_SEED)
    return {"latents": latents, "num_inference_steps": trial.steps, "guidance_scale": GUIDANCE_SCALE}


def _loop(**more: Any) -> dict[str, Any]:
    return {"unet": _PART, "scheduler": _PART, **more}


def _pipelines_picture(sd: StableDiffusion, trial: Trial) -> Image:
    return sd.decode(sd.text_to_image(**_text(sd, trial), **_only(_prompt(sd, trial)), kind=trial.kind))


def _only(prompt: dict[str, Any]) -> dict[str, Any]:
    return {"text_embeddings": prompt["text_embeddings"]}


_MEASURED = {
    "img2img": _Measured(
        "latents",
        True,
        lambda sd, trial: _loop(**_start(sd, trial)),
        lambda sd, trial: sd.img2img(**_start(sd, trial), kind=trial.kind),
    ),
    "inpaint": _Measured(
        "latents",
        True,
        lambda sd, trial: _loop(**_masked(sd, trial)),
        lambda sd, trial: sd.inpaint(**_masked(sd, trial), kind=trial.kind),
    ),
    "text_to_image": _Measured(
        "picture",
        True,
        lambda sd, trial: _loop(
            tokenizer=_PART,
            text_encoder=_PART,
            vae=_PART,
            prompt=PROMPTS[trial.seed % len(PROMPTS)],
            **_text(sd, trial),
        ),
        _pipelines_picture,
    ),
    "encode_image": _Measured(
        "encoded",
        False,
        lambda sd, trial: {"vae": _PART, "image": sd.picture(seed=trial.seed)},
        lambda sd, trial: sd.encode(sd.picture(seed=trial.seed)),
    ),
    "decode_latents": _Measured(
        "picture",
        False,
        lambda sd, trial: {"vae": _PART, "latents": sd.latents(trial.seed)},
        lambda sd, trial: sd.decode(sd.latents(trial.seed)),
    ),
}


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
                device=choice.device,
                dtype=choice.dtype,
                quantity=quantity,
                steps=steps,
                right=float(f"{farthest:.3g}"),
                wrong=float(f"{nearest:.3g}"),
                tolerance=between(farthest, nearest, choice.dtype),
                cases=len(right),
                made_with=_made_with(choice),
                untold=tuple(sorted(f"{exercise}/{name}" for exercise, name in largest.keys() - told.keys())),
            )
        )
    return rows


def _by_solution(cases: Sequence[Case]) -> dict[tuple[str, str, int], tuple[float, float]]:
    """Return, by exercise, solution and steps, the largest distance and the mean of the seconds."""
    found: dict[tuple[str, str, int], list[Case]] = defaultdict(list)
    for case in cases:
        found[case.trial.exercise.name, case.solution, case.steps].append(case)
    return {
        key: (max(case.distance for case in same), sum(case.seconds for case in same) / len(same))
        for key, same in found.items()
    }


def _made_with(choice: Choice) -> str:
    versions = " ".join(f"{name} {importlib.metadata.version(name)}" for name in ("torch", "diffusers"))
    system = f"{platform.system()} {platform.machine()}"
    hardware = torch.cuda.get_device_name() if choice.device == "cuda" else system
    size = f" at {choice.pixels} pixels" if choice.pixels else ""
    name = choice.folder.name if Path(choice.name).is_dir() else choice.name  # of a copy from the hub, that is a hash
    return f"{name}{size}, {versions}, {hardware}"


def _peak_gibibytes() -> str:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    told = [f"{peak / 2**30:.1f} GiB"]
    if torch.cuda.is_available():
        told.append(f"{torch.cuda.max_memory_allocated() / 2**30:.1f} GiB on the GPU")
    return ", ".join(told)
