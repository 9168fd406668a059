"""The `grade` command: arguments and exit codes only.

Nothing here imports torch, pytest or Hypothesis before an exercise is graded: help and listing answer at once.
"""

from __future__ import annotations

import enum
import io
import math
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from grader import __version__
from grader.course import find_course
from grader.errors import GraderError, UsageError
from grader.results import Outcome
from grader.sandbox.client import MODEL_PRELOAD, PRELOAD, ForkServer, Isolation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from grader.course import Course, Exercise
    from grader.grading import Grader
    from grader.results import Verdict
    from grader.submission import Submission

USAGE, BROKEN = 2, 3
_EXIT_STATUS = {Outcome.PASSED: 0, Outcome.SKIPPED: 0, Outcome.FAILED: 1, Outcome.ERROR: BROKEN}
_INTERRUPTED = 130
MAX_TIMEOUT = 3600.0
_GRADING = "exercises"  # the hidden command behind `grade NAME...`


class Format(enum.StrEnum):
    """How a verdict is written."""

    TERMINAL = "terminal"
    JSON = "json"


class _Grade(TyperGroup):
    """Grades when the first argument is no command's name, and shows the options of grading in its own help."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or args[0] not in (*self.commands, "--help", "--version"):
            args = [_GRADING, *args]
        return super().parse_args(ctx, args)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        self.params = [*self.commands[_GRADING].params, *self.params]
        super().format_help(ctx, formatter)


app = typer.Typer(
    cls=_Grade,
    subcommand_metavar="| COMMAND [ARGS]...",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

_notebook = typer.Typer(cls=TyperGroup, help="Build the lessons' notebooks.", no_args_is_help=True)
app.add_typer(_notebook, name="notebook")

Names = Annotated[
    list[str] | None, typer.Argument(metavar="[NAME]...", help="Exercises or lessons; all of them if none is named.")
]
IsolationOption = Annotated[
    Isolation,
    typer.Option(
        "--isolation",
        help="strict: confine the submission or refuse; auto: confine it where the system can; off: do not.",
    ),
]
SeedOption = Annotated[
    int | None,
    typer.Option("--seed", metavar="N", help="Draw other inputs than the ones that are the same every time."),
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


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"grade {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Grade exercises: what holds, what does not, on which smallest input, and which mistake it is.

    Exit status: 0 all passed, 1 something failed, 2 usage, 3 the grader itself broke.
    """


@app.command(_GRADING, hidden=True)
def _exercises(
    names: Names = None,
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
    output_format: Annotated[Format, typer.Option("--format", help="How the verdict is written.")] = Format.TERMINAL,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write the verdict there.")
    ] = None,
    isolation: IsolationOption = Isolation.AUTO,
    seed: SeedOption = None,
    timeout: TimeoutOption = None,
) -> None:
    """Grade exercises or lessons."""
    from grader.report.output import check_writable, write

    if output is not None:
        check_writable(output)
    if execute and Path(submission or "").suffix != ".ipynb":
        raise UsageError("--execute runs a notebook: give one with --submission.")
    with _warm_grader(names, isolation, seed, timeout) as (grader, exercises):
        from grader.report import terminal

        work = _read(submission, grader.course)
        if execute:
            from grader.notebook.execute import refused_unless_it_runs

            work = refused_unless_it_runs(work, Path(submission or ""), isolation)
        with terminal.progress(sum(len(exercise.checks) for exercise in exercises)) as finished:
            verdict = grader.grade(work, exercises, finished)
    write(_written(verdict, output_format), output)
    raise typer.Exit(_EXIT_STATUS[verdict.outcome])


@app.command("list")
def _list() -> None:
    """List lessons and exercises with their points and your progress."""
    from grader.report import terminal
    from grader.report.output import write
    from grader.rubric import load_rubrics

    course = _course()
    write(terminal.listing(course, load_rubrics(course)), None)


@app.command("verify")
def _verify(
    names: Names = None,
    isolation: IsolationOption = Isolation.AUTO,
    seed: SeedOption = None,
    timeout: TimeoutOption = None,
) -> None:
    """Check the exercises themselves: stubs, references, wrong and accepted variants, tolerances."""
    with _warm_grader(names, isolation, seed, timeout, diagnosis_seconds=math.inf) as (grader, exercises):
        from grader.authoring.table import table
        from grader.authoring.verify import verify
        from grader.report import terminal
        from grader.report.output import write

        subjects = sum(2 + len(exercise.wrong) + len(exercise.accepted) for exercise in exercises)
        with terminal.progress(subjects) as finished:
            reports = [verify(grader, exercise, finished) for exercise in exercises]
    write(table(reports), None)
    raise typer.Exit(1 if any(report.findings for report in reports) else 0)


@_notebook.command("build")
def _build(
    lessons: Annotated[
        list[str] | None, typer.Argument(metavar="[LESSON]...", help="Lessons; all of them if none is named.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit with 1 if a notebook is stale.")] = False,
) -> None:
    """Build each lesson's notebook from its page and its stubs."""
    from grader.authoring.notebooks import built, path_of
    from grader.report.output import write_atomically

    course = _course()
    chosen = dict.fromkeys(exercise.lesson for exercise in course.select(lessons or ()))
    stale = False
    for lesson in (lesson for lesson in course.lessons if lesson.name in chosen):
        path, text = path_of(lesson), built(lesson)
        shown = path.relative_to(course.root)
        if path.is_file() and path.read_bytes() == text.encode():
            typer.echo(f"{shown} is up to date.")
        elif check:
            stale = True
            typer.echo(f"{shown} is stale: build it with `grade notebook build {lesson.name}`.")
        else:
            write_atomically(path, text)
            typer.echo(f"{shown} is built.")
    raise typer.Exit(1 if stale else 0)


@contextmanager
def _warm_grader(
    names: list[str] | None, isolation: Isolation, seed: int | None, timeout: float | None, **settings: float
) -> Iterator[tuple[Grader, tuple[Exercise, ...]]]:
    """Start the fork server before anything else: it imports its libraries while this process imports its own."""
    course = _course()
    exercises = course.select(names or ())
    preload = MODEL_PRELOAD if any(exercise.on_model for exercise in exercises) else PRELOAD
    with ForkServer(isolation, preload) as server:
        from grader.grading import Grader

        lessons = dict.fromkeys(exercise.lesson for exercise in exercises)
        yield Grader(course, server, seed=seed, call_seconds=timeout, lessons=lessons, **settings), exercises


def _course() -> Course:
    try:
        return find_course(Path.cwd())
    except FileNotFoundError as error:
        raise UsageError("The current folder is gone: change to a folder inside a course.") from error


def _read(path: str | None, course: Course) -> Submission:
    from grader.submission import read_submission, stubs_in_place

    if path == "":
        raise UsageError("--submission is empty: give the path of a .py file or of a folder.")
    return stubs_in_place(course) if path is None else read_submission(Path(path))


def _written(verdict: Verdict, output_format: Format) -> str | RenderableType:
    if output_format is Format.JSON:
        from grader.results import to_json

        return to_json(verdict)
    from grader.report import terminal

    return terminal.verdict(verdict)


def main() -> NoReturn:
    """Run the command and exit."""
    status = run()
    if "torch" in sys.modules:  # which takes a fifth of a second to take itself apart, and everything is written
        for stream in filter(None, (sys.stdout, sys.stderr)):
            stream.flush()
        os._exit(status)
    sys.exit(status)


def run() -> int:
    """Run the command and return its exit status; end in one sentence instead of a traceback.

    With `GRADE_DEBUG` in the environment, what broke the grader is shown whole.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a tick shows a question mark
    try:
        app()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0
    except UsageError as error:
        return _say(USAGE, str(error))
    except OSError as error:
        return _say(USAGE, f"{error.filename or 'The system'}: {error.strerror or error}.")
    except KeyboardInterrupt:
        return _say(_INTERRUPTED, "Stopped.")
    except Exception as error:
        if "GRADE_DEBUG" in os.environ:
            raise
        said = str(error) if isinstance(error, GraderError) else f"{type(error).__name__}: {error}"
        return _say(BROKEN, f"The grader broke, which says nothing about your work. {said}")
    return 0


def _say(status: int, sentence: str) -> int:
    if sys.stderr is not None:
        print(f"grade: {sentence}", file=sys.stderr)
    return status
