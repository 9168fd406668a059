"""Commands for whoever grades others' work: a class, its marks, and pull requests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from grader.cli.app import A_CLASS, app
from grader.cli.options import (
    DeviceOption,
    DevicesOption,
    DtypeOption,
    GradebookOption,
    IsolationOption,
    JobsOption,
    ModelOption,
    NamesArgument,
    OutputOption,
    PixelsOption,
    SeedOption,
    TierOption,
    TimeoutOption,
    chosen_models,
    conditions,
    course_here,
    format_option,
)
from grader.cli.status import BROKEN, DONE, FAILED, going_on_later
from grader.errors import UsageError
from grader.report.registry import Formats

if TYPE_CHECKING:
    from grader.ci.grading import GradedPullRequest
    from grader.classroom.export import ClassMarks
    from grader.classroom.platforms.platform import Platform

Policy = Literal["all", "points", "never"]  # what exit status 0 needs: every check, a share of the points, or nothing
Source = Literal["canvas", "moodle", "gradescope", "classroom50", "folders"]
Undecided = Literal["hold", "zero"]
Points = Literal["total", "score"]
Upload = Literal["moodle", "canvas"]
Protected = Literal["refuse", "report"]  # what becomes of a pull request that changes protected files

_CLASS: Formats[ClassMarks] = Formats("grader.classroom.formats", "csv")
_PULL_REQUEST: Formats[GradedPullRequest] = Formats("grader.ci.formats", "github")


@app.command("batch", rich_help_panel=A_CLASS)
def _batch(
    download: Annotated[
        Path,
        typer.Argument(
            metavar="DOWNLOAD", help="What a platform delivers, folder or .zip, or one hand-in per student."
        ),
    ],
    gradebook: GradebookOption,
    names: NamesArgument = None,
    platform: Annotated[
        Source | None, typer.Option("--from", help="Which platform made the download (recognised if not given).")
    ] = None,
    roster: Annotated[
        Path | None,
        typer.Option("--roster", metavar="FILE", help="A CSV file that names the class, such as a platform's export."),
    ] = None,
    pattern: Annotated[
        str | None,
        typer.Option("--names", metavar="REGEX", help="Whose each file is: a group `student`, perhaps one `file`."),
    ] = None,
    regrade: Annotated[
        bool, typer.Option("--regrade", help="Grade everyone again, with other libraries than before if need be.")
    ] = False,
    jobs: JobsOption = None,
    cluster: Annotated[
        str | None,
        typer.Option("--cluster", metavar="ADDRESS|local", help="Grade on the workers of a Dask scheduler."),
    ] = None,
    tier: TierOption = "cpu",
    model: ModelOption = None,
    device: DevicesOption = None,
    dtype: DtypeOption = None,
    pixels: PixelsOption = 0,
    isolation: IsolationOption = "strict",
    seed: SeedOption = None,
    timeout: TimeoutOption = None,
) -> None:
    """Grade a class into a gradebook; run again, it grades what is missing or has changed.

    Canvas, Moodle, Gradescope and Classroom 50 are known; in any other folder each entry is named after its student.
    With --tier gpu, points that need a real Stable Diffusion are given, too; without it they are pending.

    Exit status: 0 all hand-ins were graded, 1 some could not be, 2 usage, 3 the grader broke on some.
    """
    from grader.classroom.batch import drawn, grade_download
    from grader.classroom.cluster.client import runner_on
    from grader.report.output import say

    if tier == "gpu" and cluster is not None:
        raise UsageError("--tier gpu grades on the devices of this machine: leave out --cluster.")
    course, layout = course_here(), _platform(platform, pattern)
    models = chosen_models(tier, model, device, dtype, pixels, jobs)
    with going_on_later(), runner_on(cluster, jobs) as run_tasks:
        batch = grade_download(
            course,
            download,
            gradebook,
            conditions(isolation, seed, timeout, models),
            names or (),
            jobs,
            platform=layout,
            roster=roster,
            regrade=regrade,
            run_tasks=run_tasks,
        )
    say(drawn(batch))
    raise typer.Exit(BROKEN if batch.summary.broken else FAILED if batch.summary.problems else DONE)


def _platform(platform: Source | None, pattern: str | None) -> Source | Platform | None:
    if pattern is None:
        return platform
    if platform not in (None, "folders"):
        raise UsageError(f"--names is for files that no platform has named: leave out --from {platform}.")
    from grader.classroom.platforms.named import named

    return named(pattern)


@app.command("export", rich_help_panel=A_CLASS)
def _export(
    gradebook: GradebookOption,
    names: NamesArgument = None,
    output_format: Annotated[str, format_option(_CLASS, "What is made of the gradebook.")] = _CLASS.default,
    output_file: OutputOption = None,
    unreadable: Annotated[
        Undecided, typer.Option("--unreadable", help="The marks of hand-ins that could not be read: none yet, or 0.")
    ] = "hold",
    absent: Annotated[
        Undecided, typer.Option("--absent", help="The marks of who handed in nothing: none yet, or 0.")
    ] = "zero",
    fill: Annotated[
        Path | None,
        typer.Option(
            "--fill",
            metavar="FILE",
            help="The table that Canvas or Moodle exported, to be filled; for feedback on Canvas, the download.",
        ),
    ] = None,
    assignment: Annotated[
        str | None,
        typer.Option("--assignment", metavar="TITLE_OR_ID", help="Which assignment of the platform gets the marks."),
    ] = None,
    points: Annotated[
        Points | None,
        typer.Option("--points", help="total: lateness is taken off; score: the platform takes it off itself."),
    ] = None,
    upload: Annotated[
        Upload | None, typer.Option("--zip", help="Pack feedback by the rules of a platform that takes it back.")
    ] = None,
) -> None:
    """Export a gradebook: marks as a table or as a platform imports them, pages for students, a page on the class.

    Standard error names the students whose marks are held back, or count as 0, because no work could be graded.
    """
    from grader.classroom import export
    from grader.report.documents import Document, Files
    from grader.report.output import Output

    chosen = _CLASS.get(output_format)
    given = {"fill": fill, "assignment": assignment, "points": points, "zip": upload}
    for option, value in given.items():
        if value is not None and option not in chosen.takes:
            raise UsageError(f"--{option} means nothing for --format {output_format}: leave it out.")
    if upload is not None and (output_file is None or output_file.suffix.lower() != ".zip"):
        raise UsageError(f"--zip {upload} makes an archive: name it with -o FILE.zip.")
    output = Output(output_file, several=chosen.several)
    course = course_here()
    undecided = export.Undecided(export.Counted(unreadable), export.Counted(absent))
    exported = export.read_class(course, gradebook, undecided)._replace(
        wanted=export.Wanted(
            gradebook,
            fill,
            assignment or "",
            export.Number(points or "total"),
            export.Upload(upload) if upload is not None else None,
        )
    )
    if names:
        exported = exported.on([(exercise.lesson, exercise.name) for exercise in course.select(names)])
    content = chosen.write(exported)
    output.write(content)
    said = content.said if isinstance(content, Document | Files) else ()
    for sentence in [*exported.summary(), *said]:
        typer.echo(f"grade: {sentence}", err=True)


@app.command("ci", rich_help_panel=A_CLASS)
def _ci(
    repository: Annotated[
        Path, typer.Option("--repository", metavar="PATH", help="The git repository, which may be bare.")
    ] = Path(),
    course: Annotated[
        str | None,
        typer.Option(
            "--course",
            metavar="PATH|GIT-URL@COMMIT",
            help="Take the course from there: the repository only holds the student's files, all of which are read.",
        ),
    ] = None,
    folder: Annotated[
        str | None,
        typer.Option(
            "--folder", metavar="PATH", help="Where in the repository the course lies (looked for if not given)."
        ),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            "--base", metavar="COMMIT", help="What is compared with, and has the course (the event's if not given)."
        ),
    ] = None,
    head: Annotated[
        str | None, typer.Option("--head", metavar="COMMIT", help="What is graded (the event's if not given).")
    ] = None,
    output_format: Annotated[str, format_option(_PULL_REQUEST, "How the verdict is written.")] = _PULL_REQUEST.default,
    output_file: OutputOption = None,
    also: Annotated[
        list[str] | None,
        typer.Option("--also", metavar="FORMAT=FILE", help="Write it in another format, too; can be repeated."),
    ] = None,
    policy: Annotated[Policy, typer.Option("--policy", help="What exit status 0 needs.")] = "all",
    threshold: Annotated[
        float,
        typer.Option("--threshold", metavar="PERCENT", min=0, max=100, help="The share of points for --policy points."),
    ] = 50.0,
    protected: Annotated[
        Protected, typer.Option("--protected", help="Fail if protected files were changed, or only say so.")
    ] = "refuse",
    tier: TierOption = "cpu",
    model: ModelOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    pixels: PixelsOption = 0,
    isolation: IsolationOption = "strict",
    seed: SeedOption = None,
    timeout: TimeoutOption = None,
) -> None:
    """Grade a pull request or push: of the head commit only the student's files are read, never checks or rubrics.

    The course comes from the base commit, or from --course. It knows the events pull_request, push, workflow_dispatch
    and repository_dispatch of GitHub, and the pipelines of GitLab.
    """
    from grader.ci.events import DeletedBranchError
    from grader.ci.grading import graded_pull_request
    from grader.report.output import Output, say

    output = Output(output_file)
    others = [(name, Output(Path(path))) for name, path in map(_format_and_file, also or ())]
    models = chosen_models(tier, model, device, dtype, pixels)[:1]
    asked = conditions(isolation, seed, timeout, models)
    try:
        with graded_pull_request(repository, base, head, asked, course, folder) as graded:
            output.write(_PULL_REQUEST.written(output_format, graded))
            for name, other in others:
                other.write(_PULL_REQUEST.written(name, graded))
            accepted = graded.accepted(policy, threshold, refuse_protected=protected == "refuse")
    except DeletedBranchError as nothing:
        say(str(nothing))
        raise typer.Exit(DONE) from None
    raise typer.Exit(BROKEN if graded.broken else DONE if accepted else FAILED)


def _format_and_file(text: str) -> tuple[str, str]:
    name, equals, path = text.partition("=")
    if not (equals and path) or name not in _PULL_REQUEST.names:
        raise UsageError(f"--also {text} is not FORMAT=FILE with one of {', '.join(_PULL_REQUEST.names)}.")
    return name, path
