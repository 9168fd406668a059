"""Arguments and options that several commands have, and what they are turned into."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from grader.cli.quick import PLAIN
from grader.course.blanks import Support
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.course.model import Course
    from grader.diffusion.choice import Choice
    from grader.grading import Conditions
    from grader.report.registry import Formats

MAX_TIMEOUT = 3600.0
MAX_JOBS = 256

Level = Literal["strict", "auto", "off"]  # of isolation
Tier = Literal["cpu", "gpu"]
Dtype = Literal["float32", "float16", "bfloat16"]  # in which a real model computes

NamesArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[NAME]...", help="Exercises, lessons or their paths; all of them if none is named."),
]
TierOfStubs = Annotated[
    Support | None,
    typer.Option(
        "--tier",
        help="How much of the way stubs show: blanks to fill in (guided), steps in words (supported), a signature and "
        "a sentence (independent). If not given: as they are in exercises/.",
    ),
]
IsolationOption = Annotated[
    Level,
    typer.Option(
        "--isolation",
        help="strict: confine the submission or refuse; auto: confine it where the system can; off: do not.",
    ),
]
SeedOption = Annotated[
    int | None,
    typer.Option("--seed", metavar="N", help="Draw inputs with this seed instead of the same ones every time."),
]
TimeoutOption = Annotated[
    float | None,
    typer.Option(
        "--timeout",
        metavar="SECONDS",
        min=0.1,
        max=MAX_TIMEOUT,
        help="CPU seconds one call may take (the rubric's if not given).",
    ),
]
ModelOption = Annotated[
    str | None,
    typer.Option("--model", metavar="ID_OR_PATH", help="A real Stable Diffusion: a folder, or a name on the hub."),
]
DeviceOption = Annotated[
    str | None,
    typer.Option(
        "--device", metavar="<cuda|mps|cpu>", help="Where its networks compute: cuda, cuda:1, ... (a GPU if not given)."
    ),
]
DevicesOption = Annotated[
    str | None,
    typer.Option(
        "--device",
        metavar="<cuda|mps|cpu>",
        help="Where its networks compute (a GPU if not given); several with commas: cuda:0,cuda:1.",
    ),
]
TierOption = Annotated[
    Tier,
    typer.Option("--tier", help="On the tiny model that ships with the grader (cpu), or also on a real one (gpu)."),
]
DtypeOption = Annotated[
    Dtype | None,
    typer.Option("--dtype", help="In which precision (float16 on cuda and float32 elsewhere if not given)."),
]
PixelsOption = Annotated[
    int, typer.Option("--pixels", metavar="N", min=0, help="The side of its pictures (the model's own if not given).")
]
DaemonOption = Annotated[
    bool,
    typer.Option("--daemon/--no-daemon", help="Have a judge stay for some minutes, so that the next verdict is quick."),
]
PlainOption = Annotated[
    bool, typer.Option("--plain", envvar=PLAIN, help="Lines of plain text, as for a screen reader.")
]
OutputOption = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all.")
]
JobsOption = Annotated[
    int | None, typer.Option("--jobs", metavar="N", min=1, max=MAX_JOBS, help="Processes (one per core if not given).")
]
GradebookOption = Annotated[
    str, typer.Option("--gradebook", metavar="FILE_OR_URL", help="The gradebook: an SQLite file, or postgresql://...")
]
StudentArgument = Annotated[str, typer.Argument(metavar="STUDENT", help="A key of the gradebook, or a name.")]
AuthorOption = Annotated[str, typer.Option("--author", metavar="NAME", help="Who decides (you if not given).")]


def format_option(formats: Formats[Any], description: str) -> Any:
    """Return the option `--format`, whose choices are the formats that are there."""

    def known(name: str) -> str:
        if name not in formats.names:
            raise typer.BadParameter(f"{name!r} is not one of {', '.join(map(repr, formats.names))}.")
        return name

    return typer.Option("--format", metavar=f"<{'|'.join(formats.names)}>", parser=known, help=description)


def course_here() -> Course:
    """Return the course that the command runs in."""
    from grader.course.finding import find_course
    from grader.course.outline import current_folder

    return find_course(current_folder())


def chosen_model(tier: Tier, model: str | None, device: str | None, dtype: Dtype | None, pixels: int) -> Choice:
    """Return the model to grade on: the tiny one for tier "cpu", a real one for tier "gpu"."""
    from grader.diffusion.choice import TINY

    if device and "," in device:
        raise UsageError(f"--device {device} names several devices, which `grade batch` can use: name one.")
    chosen = chosen_models(tier, model, device, dtype, pixels)
    return chosen[0] if chosen else TINY


def chosen_models(
    tier: Tier, model: str | None, devices: str | None, dtype: Dtype | None, pixels: int, jobs: int | None = None
) -> tuple[Choice, ...]:
    """Return a real model on each of the devices for tier "gpu", none for tier "cpu"; `jobs` is how many share it."""
    if tier == "cpu":
        if model or devices or dtype or pixels:
            raise UsageError("--model, --device, --dtype and --pixels are for real models: add --tier gpu.")
        return ()
    if not model:
        raise UsageError(
            "--tier gpu needs a model: name one, such as --model stable-diffusion-v1-5/stable-diffusion-v1-5, or give "
            "the path of its folder."
        )
    from grader.diffusion.request import ModelRequest, resolve_model

    named: list[str | None] = [*devices.split(",")] if devices else [None]
    if len(set(named)) < len(named):
        raise UsageError(f"--device {devices} names a device twice: name each once, and let --jobs share it.")
    return tuple(resolve_model(ModelRequest(model, device, dtype, pixels), jobs or 1) for device in named)


def conditions(
    isolation: Level, seed: int | None, call_seconds: float | None, models: tuple[Choice, ...] = ()
) -> Conditions:
    """Return how submissions are graded."""
    from grader.course.seeds import Seeds
    from grader.grading import Conditions
    from grader.sandbox.outside.server import Isolation

    return Conditions(Isolation(isolation), Seeds(seed), call_seconds, models)
