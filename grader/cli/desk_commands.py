"""Commands for whoever solves exercises at a desk: grade, list, init, doctor."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.app import AT_YOUR_DESK, GRADING, app
from grader.cli.options import (
    DeviceOption,
    DtypeOption,
    IsolationOption,
    ModelOption,
    NamesArgument,
    OutputOption,
    PixelsOption,
    SeedOption,
    TimeoutOption,
    chosen_model,
    course_here,
    format_option,
)
from grader.cli.status import DONE, FAILED, OF_OUTCOME
from grader.course.model import Tier
from grader.course.seeds import Seeds
from grader.errors import UsageError
from grader.report.registry import Formats
from grader.sandbox.outside.server import Isolation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.doctor.finding import Finding
    from grader.results import Verdict

_VERDICT: Formats[Verdict] = Formats("grader.report.formats", "terminal")
_FINDINGS: Formats[Sequence[Finding]] = Formats("grader.doctor.formats", "terminal")


@app.command(GRADING, hidden=True)
def _exercises(
    names: NamesArgument = None,
    submission: Annotated[
        str | None,
        typer.Option(
            "--submission",
            metavar="PATH",
            help="A .py file, a notebook, a .zip or a folder; the stubs in place if not given.",
        ),
    ] = None,
    execute: Annotated[
        bool,
        typer.Option(
            "--execute", help="Run the whole notebook first, confined; it is not graded if it does not run to its end."
        ),
    ] = False,
    output_format: Annotated[str, format_option(_VERDICT, "How the verdict is written.")] = _VERDICT.default,
    output_file: OutputOption = None,
    tier: Annotated[
        Tier, typer.Option("--tier", help="The tiny model that ships with the grader (cpu), or a real one (gpu).")
    ] = "cpu",
    model: ModelOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    pixels: PixelsOption = 0,
    isolation: IsolationOption = Isolation.AUTO,
    seed: SeedOption = None,
    timeout: TimeoutOption = None,
) -> None:
    """Grade exercises or lessons."""
    from grader.desk.grading import grade_work
    from grader.grading import Conditions
    from grader.report.output import Output
    from grader.submission.entries import Form, form_of

    output = Output(output_file)
    if execute and form_of(submission or "") is not Form.NOTEBOOK:
        raise UsageError("--execute runs a notebook: give one with --submission.")
    chosen = chosen_model(tier, model, device, dtype, pixels)
    verdict = grade_work(
        course_here(),
        names or (),
        submission,
        Conditions(isolation, Seeds(seed), timeout),
        model=chosen,
        execute=execute,
    )
    output.write(_VERDICT.written(output_format, verdict))
    raise typer.Exit(OF_OUTCOME[verdict.outcome])


@app.command("list", rich_help_panel=AT_YOUR_DESK)
def _list() -> None:
    """List lessons and exercises with their points and your progress."""
    from grader.course.rubric_reading import load_rubrics
    from grader.report.listing import listing
    from grader.report.output import say

    course = course_here()
    say(listing(course, load_rubrics(course)))


@app.command("init", rich_help_panel=AT_YOUR_DESK)
def _init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder to make; with --update, the copy to update.")
    ],
    update: Annotated[
        bool, typer.Option("--update", help="Bring changed pages and checks into a copy; your own code stays.")
    ] = False,
) -> None:
    """Make your working copy of the course: stubs, pages, notebooks and public checks."""
    from grader import working_copy
    from grader.report.output import say

    if update:
        say(f"{folder}: {working_copy.update(folder)}")
    else:
        count = working_copy.make(folder)
        say(f"{folder} has {count} exercises. Next:\n\n  cd {shlex.quote(str(folder))}\n  grade list")


@app.command("doctor", rich_help_panel=AT_YOUR_DESK)
def _doctor(
    model: ModelOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    output_format: Annotated[str, format_option(_FINDINGS, "How it is written.")] = _FINDINGS.default,
) -> None:
    """Look for what is missing or broken: Python, libraries, isolation, course, notebooks and models, with remedies.

    Exit status: 0 nothing needs fixing, 1 something does.
    """
    from grader.doctor.examination import examine
    from grader.doctor.finding import any_problem
    from grader.doctor.real_model import Asked
    from grader.report.output import Output
    from grader.report.progress import activity

    if dtype and not model:
        raise UsageError("--dtype is for a real model: name one with --model.")
    asked = Asked(model, device, dtype) if model or device else None
    with activity("looking at") as begins:
        findings = examine(asked, begins)
    Output().write(_FINDINGS.written(output_format, findings))
    raise typer.Exit(FAILED if any_problem(findings) else DONE)
