"""Commands for whoever grades others' work: a class, its marks, and pull requests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from grader.cli.app import A_CLASS, app
from grader.cli.options import (
    GradebookOption,
    IsolationOption,
    JobsOption,
    NamesArgument,
    OutputOption,
    SeedOption,
    TimeoutOption,
    course_here,
    format_option,
)
from grader.cli.status import BROKEN, DONE, FAILED
from grader.report.registry import Formats
from grader.sandbox.outside.server import Isolation

if TYPE_CHECKING:
    from grader.ci.grading import GradedPullRequest
    from grader.classroom.export import ClassRecords

Policy = Literal["all", "points", "never"]  # what exit status 0 needs: every check, a share of the points, or nothing
Protected = Literal["refuse", "report"]  # what becomes of a pull request that changes protected files

_CLASS: Formats[ClassRecords] = Formats("grader.classroom.formats", "csv")
_PULL_REQUEST: Formats[GradedPullRequest] = Formats("grader.ci.formats", "github")


@app.command("batch", rich_help_panel=A_CLASS)
def _batch(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="One hand-in per student: folder, .zip, .py, .ipynb.")
    ],
    gradebook: GradebookOption,
    names: NamesArgument = None,
    regrade: Annotated[
        bool, typer.Option("--regrade", help="Grade everyone again, with other libraries than before if need be.")
    ] = False,
    jobs: JobsOption = None,
    isolation: IsolationOption = Isolation.STRICT,
    seed: SeedOption = None,
    timeout: TimeoutOption = None,
) -> None:
    """Grade a class into a gradebook; run again, it grades what is missing or has changed.

    Exit status: 0 all hand-ins were graded, 1 some could not be, 2 usage, 3 the grader broke on some.
    """
    from grader.classroom.batch import drawn, grade_folder
    from grader.grading import Conditions
    from grader.report.output import say

    conditions = Conditions(isolation, seed, timeout)
    batch = grade_folder(course_here(), folder, gradebook, conditions, names or (), jobs, regrade=regrade)
    say(drawn(batch))
    raise typer.Exit(BROKEN if batch.summary.broken else FAILED if batch.summary.problems else DONE)


@app.command("export", rich_help_panel=A_CLASS)
def _export(
    gradebook: GradebookOption,
    output_format: Annotated[str, format_option(_CLASS, "What is made of the gradebook.")] = _CLASS.default,
    output_file: OutputOption = None,
) -> None:
    """Export a gradebook: marks as a table, everything as JSON, or a page on the class."""
    from grader.classroom.export import read_class
    from grader.report.output import Output

    output = Output(output_file)
    output.write(_CLASS.written(output_format, read_class(course_here(), gradebook)))


@app.command("ci", rich_help_panel=A_CLASS)
def _ci(
    repository: Annotated[
        Path, typer.Option("--repository", metavar="PATH", help="The git repository, which may be bare.")
    ] = Path(),
    base: Annotated[
        str | None,
        typer.Option("--base", metavar="COMMIT", help="Where the course is taken from (the event's if not given)."),
    ] = None,
    head: Annotated[
        str | None, typer.Option("--head", metavar="COMMIT", help="What is graded (the event's if not given).")
    ] = None,
    output_format: Annotated[str, format_option(_PULL_REQUEST, "How the verdict is written.")] = _PULL_REQUEST.default,
    output_file: OutputOption = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the verdict there as JSON, too.")
    ] = None,
    policy: Annotated[Policy, typer.Option("--policy", help="What exit status 0 needs.")] = "all",
    threshold: Annotated[
        float,
        typer.Option("--threshold", metavar="PERCENT", min=0, max=100, help="The share of points for --policy points."),
    ] = 50.0,
    protected: Annotated[
        Protected, typer.Option("--protected", help="Fail if protected files were changed, or only say so.")
    ] = "refuse",
    isolation: IsolationOption = Isolation.STRICT,
    seed: SeedOption = None,
    timeout: TimeoutOption = None,
) -> None:
    """Grade a pull request: the course comes from the base commit, only the student's files from the head commit."""
    from grader.ci.grading import graded_pull_request
    from grader.grading import Conditions
    from grader.report.output import Output
    from grader.results import to_json

    output, also = Output(output_file), Output(json_file) if json_file is not None else None
    with graded_pull_request(repository, base, head, Conditions(isolation, seed, timeout)) as graded:
        output.write(_PULL_REQUEST.written(output_format, graded))
        if also is not None and graded.verdict is not None:
            also.write(to_json(graded.verdict))
        accepted = graded.accepted(policy, threshold, refuse_protected=protected == "refuse")
    raise typer.Exit(BROKEN if graded.broken else DONE if accepted else FAILED)
