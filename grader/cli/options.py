"""Arguments and options that several commands have, and what they are turned into."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.course.model import Course
    from grader.diffusion.choice import Choice
    from grader.grading import Conditions
    from grader.report.registry import Formats

MAX_TIMEOUT = 3600.0
MAX_JOBS = 256

Device = Literal["cuda", "mps", "cpu"]  # where a real model's networks compute
Level = Literal["strict", "auto", "off"]  # of isolation
Tier = Literal["cpu", "gpu"]
Dtype = Literal["float32", "float16", "bfloat16"]  # and in which precision

NamesArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[NAME]...", help="Exercises, lessons or their paths; all of them if none is named."),
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
    Device | None, typer.Option("--device", help="Where its networks compute (a GPU if not given).")
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


def chosen_model(tier: Tier, model: str | None, device: Device | None, dtype: Dtype | None, pixels: int) -> Choice:
    """Return the model to grade on: the tiny one for tier "cpu", a real one for tier "gpu"."""
    from grader.diffusion.choice import TINY

    if tier == "cpu":
        if model or device or dtype or pixels:
            raise UsageError("--model, --device, --dtype and --pixels are for real models: add --tier gpu.")
        return TINY
    if not model:
        raise UsageError(
            "--tier gpu needs a model: name one, such as --model stable-diffusion-v1-5/stable-diffusion-v1-5, or give "
            "the path of its folder."
        )
    from grader.diffusion.request import ModelRequest, resolve_model

    return resolve_model(ModelRequest(model, device, dtype, pixels))


def conditions(isolation: Level, seed: int | None, call_seconds: float | None) -> Conditions:
    """Return how submissions are graded."""
    from grader.course.seeds import Seeds
    from grader.grading import Conditions
    from grader.sandbox.outside.server import Isolation

    return Conditions(Isolation(isolation), Seeds(seed), call_seconds)
