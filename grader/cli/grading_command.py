"""The command without a name: `grade [NAME]...`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.app import GRADING, app
from grader.cli.options import (
    DaemonOption,
    DeviceOption,
    DtypeOption,
    IsolationOption,
    Level,
    ModelOption,
    OutputOption,
    PixelsOption,
    SeedOption,
    Tier,
    TimeoutOption,
    chosen_model,
    course_here,
    format_option,
    outline_here,
)
from grader.cli.status import DONE, OF_OUTCOME
from grader.errors import UsageError
from grader.report.registry import Formats

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grader.course.outline import Outline
    from grader.course.sources import ExerciseFiles
    from grader.results import Verdict
    from grader.submission.model import Submission

_VERDICT: Formats[Verdict] = Formats("grader.report.formats", "terminal")


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
    output_format: Annotated[str, format_option(_VERDICT, "How the verdict is written.")] = _VERDICT.default,
    output_file: OutputOption = None,
    open_page: Annotated[
        bool, typer.Option("--open", help="Show the verdict as a page with pictures in your browser.")
    ] = False,
    plain: Annotated[
        bool, typer.Option("--plain", envvar="GRADE_PLAIN", help="Lines of plain text, as for a screen reader.")
    ] = False,
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
    from grader.desk.judges import judged
    from grader.desk.request import Request
    from grader.desk.verdicts import answered, what_next
    from grader.report.output import Output, say

    outline = outline_here()
    if open_page:
        from grader.desk.page import page_of

        output_format, output_file = "html", output_file or page_of(outline.root)
    elif plain and output_format == _VERDICT.default:
        output_format = "plain"
    output = Output(output_file)
    if everything and output_format != _VERDICT.default:
        raise UsageError(f"--all is for the format `{_VERDICT.default}`: all others show everything anyway.")
    prepare = _execution(submission, isolation) if execute else None
    chosen = chosen_model(tier, model, device, dtype, pixels)
    keys: tuple[str, ...] = ()
    if tier == "cpu" or names or last_failed:
        exercises = _chosen(outline, names or (), last_failed, anywhere=submission is not None or to_first_failure)
        if not exercises:
            say(_NOTHING_FAILED if last_failed else _ALL_PASSED)
            raise typer.Exit(DONE)
        keys = tuple(exercise.key for exercise in exercises)
    asked = Request(
        folder=os.getcwd(),  # noqa: PTH109 - it is sent as it is
        exercises=keys,
        submission=submission,
        isolation=isolation,
        seed=seed,
        call_seconds=timeout,
        to_first_failure=to_first_failure,
        figures=output_format == "html",
    )

    def judge(asked: Request) -> Verdict:
        if chosen.is_tiny and prepare is None:
            return judged(asked, outline.root, daemon=daemon)
        from grader.desk.grading import grade_cold

        return grade_cold(course_here(), asked, model=chosen, prepare=prepare)

    found = answered(outline, asked, judge)
    if everything:
        from grader.report.formats.terminal import everything as drawn

        output.write(drawn(found.verdict))
    else:
        output.write(_VERDICT.written(output_format, found.verdict))
    if open_page and output_file is not None:
        from grader.desk.page import show_page

        say(show_page(output_file))
    if output_format in (_VERDICT.default, "plain") and output_file is None:
        for sentence in what_next(found, len(keys) - len(found.verdict.exercises) if to_first_failure else 0):
            say(sentence)
    raise typer.Exit(OF_OUTCOME[found.verdict.outcome])


_ALL_PASSED = "All exercises have passed. `grade all` grades them again, `grade list` shows them."
_NOTHING_FAILED = "None of these exercises failed when it was last graded."


def _chosen(outline: Outline, names: Sequence[str], last_failed: bool, *, anywhere: bool) -> Sequence[ExerciseFiles]:
    """Return the exercises that are meant; without a name, and not `anywhere`, the one that somebody is at."""
    from grader.desk import choosing

    if not names and not last_failed and not anywhere:
        here = choosing.where_one_is(outline)
        return [] if here is None else [here]
    exercises = choosing.named(outline, names)
    return choosing.that_failed_last(outline, exercises) if last_failed else exercises


def _execution(submission: str | None, isolation: Level) -> Callable[[Submission], Submission]:
    """Return what runs the whole notebook, and refuses it if it does not get to its end."""
    from pathlib import Path

    from grader.submission.entries import Form, form_of

    if form_of(submission or "") is not Form.NOTEBOOK:
        raise UsageError("--execute runs a notebook: give one with --submission.")

    def prepare(work: Submission) -> Submission:
        from grader.notebook.execute import refused_unless_it_runs
        from grader.sandbox.outside.server import Isolation

        return refused_unless_it_runs(work, Path(submission or ""), Isolation(isolation))

    return prepare
