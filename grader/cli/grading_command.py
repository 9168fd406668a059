"""The command without a name: `grade [NAME]...`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.app import GRADING, app
from grader.cli.at_desk import IN_WORDS, PLAIN, VERDICT, Wishes, grade_at_desk, outline_here
from grader.cli.options import (
    DaemonOption,
    DeviceOption,
    DtypeOption,
    IsolationOption,
    Level,
    ModelOption,
    OutputOption,
    PixelsOption,
    PlainOption,
    SeedOption,
    Tier,
    TimeoutOption,
    chosen_model,
    format_option,
)
from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.submission.model import Submission


@app.command(GRADING, hidden=True)
def _exercises(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...",
            help="Exercises, lessons, their paths, or `all`. Without one: the exercise that you are at, "
            "or with --submission all of them.",
        ),
    ] = None,
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
    everything: Annotated[bool, typer.Option("--all", help="Show every failure in full.")] = False,
    to_first_failure: Annotated[
        bool, typer.Option("-x", "--exitfirst", help="Stop after the first exercise that does not pass.")
    ] = False,
    last_failed: Annotated[
        bool, typer.Option("--lf", "--last-failed", help="Only exercises that did not pass when last graded.")
    ] = False,
    output_format: Annotated[str, format_option(VERDICT, "How the verdict is written.")] = VERDICT.default,
    output_file: OutputOption = None,
    open_page: Annotated[
        bool, typer.Option("--open", help="Show the verdict as a page with pictures in your browser.")
    ] = False,
    plain: PlainOption = False,
    tier: Annotated[
        Tier, typer.Option("--tier", help="The tiny model that ships with the grader (cpu), or a real one (gpu).")
    ] = "cpu",
    model: ModelOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    pixels: PixelsOption = 0,
    isolation: IsolationOption = "auto",
    seed: SeedOption = None,
    timeout: TimeoutOption = None,
    daemon: DaemonOption = True,
) -> None:
    """Grade exercises or lessons."""
    if open_page:
        from grader.desk.page import page_of

        output_format, output_file = "html", output_file or page_of(outline_here().root)
    elif plain and output_format == VERDICT.default:
        output_format = PLAIN
    if everything and output_format not in IN_WORDS:
        raise UsageError(f"--all is for the formats {' and '.join(IN_WORDS)}: all others show everything anyway.")
    chosen = chosen_model(tier, model, device, dtype, pixels)
    wishes = Wishes(
        submission=submission,
        everything=everything,
        to_first_failure=to_first_failure,
        last_failed=last_failed,
        output_format=output_format,
        output_file=output_file,
        model=None if chosen.is_tiny else chosen,
        prepare=_execution(submission, isolation) if execute else None,
        isolation=isolation,
        seed=seed,
        call_seconds=timeout,
        daemon=daemon,
        open_page=open_page,
    )
    raise typer.Exit(grade_at_desk(names or (), wishes))


def _execution(submission: str | None, isolation: Level) -> Callable[[Submission], Submission]:
    """Return what runs the whole notebook, and refuses it if it does not get to its end."""
    from grader.submission.entries import Form, form_of

    if form_of(submission or "") is not Form.NOTEBOOK:
        raise UsageError("--execute runs a notebook: give one with --submission.")

    def prepare(work: Submission) -> Submission:
        from grader.notebook.execute import refused_unless_it_runs
        from grader.sandbox.outside.server import Isolation

        return refused_unless_it_runs(work, Path(submission or ""), Isolation(isolation))

    return prepare
