"""The `grade` command: arguments and exit codes only.

Nothing here imports torch, pytest or Hypothesis before an exercise is graded: help and listing answer at once.
"""

from __future__ import annotations

import dataclasses
import io
import os
import shlex
import sys
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer
from typer.core import TyperGroup

from grader import faults
from grader.course import Tier, current_folder, find_course
from grader.diffusion.choice import TINY
from grader.diffusion.machine import equipment, machine
from grader.errors import GraderError, UsageError
from grader.results import Outcome
from grader.sandbox.outside.server import ForkServer, Isolation
from grader.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from grader.course import Course, Exercise
    from grader.diffusion.choice import Choice
    from grader.grading import Grader
    from grader.results import Verdict
    from grader.submission import Submission

USAGE, BROKEN = 2, 3
_EXIT_STATUS = {Outcome.PASSED: 0, Outcome.SKIPPED: 0, Outcome.FAILED: 1, Outcome.ERROR: BROKEN}
_INTERRUPTED = 130
MAX_TIMEOUT = 3600.0
MAX_JOBS = 256
_GRADING = "exercises"  # the hidden command behind `grade NAME...`


Format = Literal["terminal", "json", "junit", "markdown"]  # of a verdict
ReportFormat = Literal["terminal", "json"]  # of what was found out about exercises
CiFormat = Literal["github", "markdown", "junit"]  # of the verdict on a pull request
Table = Literal["csv", "json", "html"]  # made of a gradebook
Audience = Literal["course", "self-study"]  # of a release
Device = Literal["cuda", "mps", "cpu"]  # where a real model's networks compute
Dtype = Literal["float32", "float16", "bfloat16"]  # and in which precision
Policy = Literal["all", "points", "never"]  # what exit status 0 needs: every check, a share of the points, or nothing
Protected = Literal["refuse", "report"]  # what becomes of a pull request that changes protected files


class _Grade(TyperGroup):
    """Grades when the first argument is no command's name, and shows the options of grading in its own help."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or args[0] not in (*self.commands, "--help", "--version"):
            args = [_GRADING, *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:  # Typer would end with 1, as if a check had failed
            raise GraderError(faults.reason(error)) from error

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
OutputOption = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all.")
]
JobsOption = Annotated[
    int | None, typer.Option("--jobs", metavar="N", min=1, max=MAX_JOBS, help="Processes (one a core if not given).")
]
GradebookOption = Annotated[Path, typer.Option("--gradebook", metavar="FILE", help="The gradebook, an SQLite file.")]


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
    output_format: Annotated[Format, typer.Option("--format", help="How the verdict is written.")] = "terminal",
    output: OutputOption = None,
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
    from grader.report.output import check_writable, write

    if output is not None:
        check_writable(output)
    if execute and Path(submission or "").suffix != ".ipynb":
        raise UsageError("--execute runs a notebook: give one with --submission.")
    real = _real_model(tier, model, device, dtype, pixels)
    with _warm_grader(names, isolation, seed, timeout, real) as (grader, exercises):
        from grader.report import terminal

        work = _read(submission, grader.course)
        if execute:
            from grader.notebook.execute import refused_unless_it_runs

            work = refused_unless_it_runs(work, Path(submission or ""), isolation)
        with terminal.progress(sum(len(exercise.checks) for exercise in exercises)) as finished:
            verdict = grader.grade(work, exercises, lambda exercise, _check: finished(exercise.name))
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


@app.command("doctor")
def _doctor(
    model: ModelOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    output_format: Annotated[ReportFormat, typer.Option("--format", help="How it is written.")] = "terminal",
) -> None:
    """Look for what is missing or broken: Python, libraries, isolation, course, notebooks and models, with remedies.

    Exit status: 0 nothing has to be mended, 1 something has.
    """
    from grader.doctor.examination import examine
    from grader.doctor.finding import any_problem, to_json
    from grader.doctor.lines import drawn
    from grader.doctor.real_model import Asked
    from grader.report import terminal
    from grader.report.output import write

    if dtype and not model:
        raise UsageError("--dtype is for a real model: name one with --model, too.")
    asked = Asked(model, device, dtype) if model or device else None
    with terminal.activity("looking at") as begins:
        findings = examine(asked, begins)
    write(to_json(findings) if output_format == "json" else drawn(findings), None)
    raise typer.Exit(1 if any_problem(findings) else 0)


@app.command("verify")
def _verify(
    names: Names = None,
    fast: Annotated[bool, typer.Option("--fast", help="Leave out mutants and fresh seeds, for the edit loop.")] = False,
    changed: Annotated[
        str | None, typer.Option("--changed", metavar="COMMIT", help="Only exercises that changed since a commit.")
    ] = None,
    repeat: Annotated[
        int | None, typer.Option("--repeat", metavar="N", min=0, help="Fresh seeds that the reference must pass on.")
    ] = None,
    output_format: Annotated[ReportFormat, typer.Option("--format", help="How it is written.")] = "terminal",
    output: OutputOption = None,
    jobs: JobsOption = None,
    isolation: IsolationOption = Isolation.AUTO,
    seed: SeedOption = None,
    timeout: TimeoutOption = None,
) -> None:
    """Check the exercises themselves: stubs, references, wrong and accepted variants, mutants, tolerances."""
    from grader.authoring.verify import FAST, FULL, to_json, verify_all
    from grader.jobs import Settings, usable_cores
    from grader.report import terminal
    from grader.report.output import check_writable, write
    from grader.rubric import load_rubrics

    if output is not None:
        check_writable(output)
    course = _course()
    exercises = course.select(names or ())
    if changed is not None:
        from grader.authoring.changed import changed_exercises

        exercises = changed_exercises(course, exercises, changed)
    load_rubrics(course, dict.fromkeys(exercise.lesson for exercise in exercises))
    depth = FAST if fast else FULL
    if repeat is not None:
        depth = dataclasses.replace(depth, repeat=repeat)
    settings = Settings(course.root, tuple(f"{e.lesson}/{e.name}" for e in exercises), isolation, seed, timeout)
    with terminal.progress(len(exercises), time_left=True) as finished:
        reports = verify_all(exercises, settings, depth, jobs or usable_cores(), finished)
    if output_format == "json":
        write(to_json(reports), output)
    else:
        from grader.authoring.table import table

        write(table(reports), output)
    raise typer.Exit(1 if any(report.findings for report in reports) else 0)


@app.command("new")
def _new(
    exercise: Annotated[str, typer.Argument(metavar="LESSON/NAME", help="The exercise; its lesson may be new, too.")],
    signature: Annotated[
        str,
        typer.Option(
            "--signature",
            prompt="The signature, as in (x: torch.Tensor, timestep: int) -> torch.Tensor",
            metavar="TEXT",
            help="What students write: parameters and result with their types (asked for if not given).",
        ),
    ],
) -> None:
    """Make all files of a new exercise, with blanks for its author to fill in."""
    from grader.authoring.new import new_exercise
    from grader.report.output import write

    course = _course()
    places = new_exercise(course, exercise, signature)
    lines = [f"{place.path.relative_to(course.root)}:{place.line}: {place.text}" for place in places]
    name = exercise.partition("/")[2]
    write("\n".join(["Fill in:", *lines, f"Then: grade verify {name}"]), None)


@app.command("release")
def _release(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make.")],
    audience: Annotated[
        Audience, typer.Option("--audience", help="course: for those who hand in; self-study: with solutions.")
    ] = "course",
    wheel: Annotated[
        Path | None,
        typer.Option("--wheel", metavar="FILE", help="A wheel of the grader to put in, for students to install."),
    ] = None,
    git: Annotated[
        str | None,
        typer.Option("--git", metavar="URL", help="Or the git repository they install it from, URL[@COMMIT]."),
    ] = None,
    jobs: JobsOption = None,
) -> None:
    """Make what students get: stubs, pages, public checks, and the names of known mistakes; no answer leaks."""
    from grader import edition, working_copy
    from grader.authoring.release import release
    from grader.report.output import write

    if wheel is not None and git is not None:
        raise UsageError("--wheel and --git both say how to install the grader: give one of them.")
    course = _course()
    working_copy.refuse_unless_empty(folder)
    extra = working_copy.extra_for(path.name for lesson in course.lessons for path in lesson.folder.iterdir())
    if wheel is not None:
        installation: working_copy.Installation | None = working_copy.from_wheel(wheel, extra)
    else:
        installation = working_copy.from_git(git, extra) if git is not None else working_copy.from_index(extra)
    _record(course, [exercise for exercise in course.exercises if edition.is_stale(exercise)], jobs)
    count = release(course, folder, audience, installation)
    lines = [f"{folder}: {count} files for {audience}; no answer was found in them."]
    if installation is None:
        lines.append(f"{folder}/README.md cannot say how to install the grader: use --wheel or --git.")
    write("\n".join(lines), None)


@app.command("record")
def _record_mistakes(
    names: Names = None,
    check: Annotated[bool, typer.Option("--check", help="Run nothing; exit with 1 if a record is stale.")] = False,
    jobs: JobsOption = None,
) -> None:
    """Record what known mistakes answer to the public checks, for copies of the course that have no wrong variants.

    Only what has changed is run again. `grade release` does it, too.
    """
    from grader import edition
    from grader.report.output import write

    course = _course()
    stale = [exercise for exercise in course.select(names or ()) if edition.is_stale(exercise)]
    if not stale:
        write("All known mistakes are recorded.", None)
    elif check:
        listed = " ".join(exercise.name for exercise in stale)
        write(f"Known mistakes have changed since they were recorded: run `grade record {listed}`.", None)
        raise typer.Exit(1)
    else:
        _record(course, stale, jobs)


def _record(course: Course, exercises: Sequence[Exercise], jobs: int | None) -> None:
    if not exercises:
        return
    from grader.authoring.recording import record
    from grader.jobs import usable_cores
    from grader.report import terminal
    from grader.report.output import write

    with terminal.progress(len(exercises), time_left=True) as finished:
        record(course, exercises, jobs or usable_cores(), finished)
    plural = "" if len(exercises) == 1 else "s"
    write(f"The known mistakes of {len(exercises)} exercise{plural} are recorded in reference/.", None)


@app.command("init")
def _init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make, or with --update, the copy.")],
    update: Annotated[
        bool, typer.Option("--update", help="Bring changed pages and checks into a copy; your own code stays.")
    ] = False,
) -> None:
    """Make your working copy of the course: stubs, pages, notebooks and public checks."""
    from grader import working_copy
    from grader.report.output import write

    if update:
        done = working_copy.update(folder)
        files = f"{len(done.written)} file{'' if len(done.written) == 1 else 's'}"
        lines = [f"{folder}: {files} brought up to date, {len(done.removed) or 'none'} removed."]
        lines += [f"You have worked on {path}: what is new in it is in {path}{working_copy.NEW}." for path in done.kept]
        write("\n".join(lines), None)
        return
    count = working_copy.make(folder)
    write(f"{folder} has {count} exercises. Next:\n\n  cd {shlex.quote(str(folder))}\n  grade list", None)


@app.command("calibrate")
def _calibrate(
    names: Names = None,
    model: ModelOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    pixels: PixelsOption = 0,
    steps: Annotated[
        list[int] | None,
        typer.Option("--steps", metavar="N", min=1, help="A number of steps to measure; may be given again and again."),
    ] = None,
    seeds: Annotated[
        int, typer.Option("--seeds", metavar="N", min=1, help="How many pictures, noises and prompts to measure.")
    ] = 3,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="The table (tolerances.json in the course if not given)."),
    ] = None,
) -> None:
    """Measure on a device how far right solutions stray from diffusers' pipelines, and known mistakes.

    Writes a table of tolerances, which `grade --tier gpu` reads. Needs the course's `reference/`.

    Exit status: 0 the table was written, 1 a solution or an accepted variant raised, 2 usage, 3 the grader broke.
    """
    from grader.diffusion import tolerances
    from grader.report.output import check_writable, write, write_atomically

    course = _course()
    exercises = course.select(names or ())
    path = output or course.root / tolerances.NAME
    check_writable(path)
    known = tolerances.read(path)
    real = _real_model("gpu", model, device, dtype, pixels)

    from grader.authoring import calibrate
    from grader.report import terminal

    trials = calibrate.trials(exercises, steps or calibrate.STEPS, seeds)
    with terminal.progress(len(trials), time_left=True) as finished:
        measured = calibrate.measure(real or TINY, trials, finished)
    if measured.is_whole:
        write_atomically(path, tolerances.to_json(known.with_rows(measured.rows)))
    write(calibrate.table(measured, path), None)
    raise typer.Exit(0 if measured.is_whole else 1)


@app.command("batch")
def _batch(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="One hand-in a student: folder, .zip, .py, .ipynb.")],
    gradebook: GradebookOption,
    names: Names = None,
    jobs: JobsOption = None,
    isolation: IsolationOption = Isolation.STRICT,
    seed: SeedOption = None,
    timeout: TimeoutOption = None,
) -> None:
    """Grade a class into a gradebook; run again, it grades what is missing or has changed.

    Exit status: 0 all hand-ins were graded, 1 some could not be, 2 usage, 3 the grader broke on some.
    """
    from grader.classroom.gradebook import Gradebook
    from grader.classroom.handins import find_handins
    from grader.classroom.run import grade_class
    from grader.jobs import Settings, usable_cores
    from grader.report import terminal
    from grader.report.output import write

    course = _course()
    settings = Settings(
        course.root, tuple(f"{e.lesson}/{e.name}" for e in course.select(names or ())), isolation, seed, timeout
    )
    handins, ignored = find_handins(folder)
    book = Gradebook.create(gradebook, course.name)
    with closing(book), terminal.progress(len(handins), time_left=True) as finished:
        summary = grade_class(course, handins, book, settings, jobs or usable_cores(), finished)
    write(terminal.batch(summary.graded, summary.unchanged, summary.problems, summary.broken, ignored, gradebook), None)
    raise typer.Exit(BROKEN if summary.broken else 1 if summary.problems else 0)


@app.command("export")
def _export(
    gradebook: GradebookOption,
    output_format: Annotated[Table, typer.Option("--format", help="What is made of the gradebook.")] = "csv",
    output: OutputOption = None,
) -> None:
    """Export a gradebook: marks as a table, everything as JSON, or a page on the class."""
    from grader.classroom import export
    from grader.classroom.gradebook import Gradebook
    from grader.report.output import check_writable, write

    if output is not None:
        check_writable(output)
    course = _course()
    with closing(Gradebook.open(gradebook)) as book:
        records = book.records()
    if output_format == "html":
        from grader.classroom.class_page import class_page

        write(class_page(course, records), output)
    else:
        write((export.marks_csv if output_format == "csv" else export.records_json)(course, records), output)


@app.command("ci")
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
    output_format: Annotated[CiFormat, typer.Option("--format", help="How the verdict is written.")] = "github",
    output: OutputOption = None,
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
    """Grade a pull request: everything that decides is its base commit's, only the student's files are its head's."""
    from grader.ci import pull_request
    from grader.ci.repository import Repository
    from grader.report import github
    from grader.report.junit import junit
    from grader.report.output import check_writable, write
    from grader.results import to_json

    for path in filter(None, (output, json_file)):
        check_writable(path)
    if base is None or head is None:
        known = pull_request.commits_of_event()
        base, head = base or known[0], head or known[1]
    with pull_request.open_pull_request(Repository(repository), base, head) as request:
        verdict = None
        if request.exercises:
            with _warm(request.course, request.exercises, isolation, seed, timeout) as grader:
                verdict = grader.grade(request.submission, request.exercises)
        summary = pull_request.summary(request, verdict)
        if output_format == "github":
            github.append_summary(summary)
            github.append_outputs(pull_request.outputs(verdict))
            write(github.commands(pull_request.remarks(request, verdict)), output)
        elif output_format == "markdown":
            write(summary, output)
        elif verdict is not None:
            write(junit(verdict), output)
        if json_file is not None and verdict is not None:
            write(to_json(verdict), json_file)
    raise typer.Exit(_ci_status(verdict, policy, threshold, protected == "refuse" and bool(request.changes.protected)))


def _ci_status(verdict: Verdict | None, policy: Policy, threshold: float, refused: bool) -> int:
    if verdict is not None and verdict.outcome is Outcome.ERROR:
        return BROKEN
    if refused:
        return 1
    if verdict is None or policy == "never":
        return 0
    if policy == "points":
        return 0 if verdict.points * 100 >= threshold * verdict.max_points else 1
    return _EXIT_STATUS[verdict.outcome]


@_notebook.command("build")
def _build(
    lessons: Annotated[
        list[str] | None, typer.Argument(metavar="[LESSON]...", help="Lessons; all of them if none is named.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit with 1 if a notebook is stale.")] = False,
) -> None:
    """Build each lesson's notebook from its page and its stubs."""
    from grader.authoring.notebooks import built, path_of
    from grader.report.output import write, write_atomically

    course = _course()
    chosen = dict.fromkeys(exercise.lesson for exercise in course.select(lessons or ()))
    stale = False
    for lesson in (lesson for lesson in course.lessons if lesson.name in chosen):
        path, text = path_of(lesson), built(lesson)
        shown = path.relative_to(course.root)
        with faults.reading():
            known = path.read_bytes() if path.is_file() else b""
        if known == text.encode():
            write(f"{shown} is up to date.", None)
        elif check:
            stale = True
            write(f"{shown} is stale: build it with `grade notebook build {lesson.name}`.", None)
        else:
            write_atomically(path, text)
            write(f"{shown} is built.", None)
    raise typer.Exit(1 if stale else 0)


@contextmanager
def _warm_grader(
    names: list[str] | None,
    isolation: Isolation,
    seed: int | None,
    timeout: float | None,
    real: Choice | None = None,
    **settings: Any,
) -> Iterator[tuple[Grader, tuple[Exercise, ...]]]:
    course = _course()
    exercises = course.select(names or ())
    if real is not None:
        _refuse_unmeasured(course, real)
        if not names:
            exercises = tuple(e for e in exercises if any("gpu" in check.tiers for check in e.checks)) or exercises
        settings["model"] = real
    with _warm(course, exercises, isolation, seed, timeout, **settings) as grader:
        yield grader, exercises


def _real_model(
    tier: Tier, model: str | None, device: Device | None, dtype: Dtype | None, pixels: int
) -> Choice | None:
    """Return the real model that was asked for, None for the tiny one."""
    if tier == "cpu":
        if model or device or dtype or pixels:
            raise UsageError("--model, --device, --dtype and --pixels are for real models: say --tier gpu, too.")
        return None
    if not model:
        raise UsageError(
            "--tier gpu needs a model: name one, such as --model stable-diffusion-v1-5/stable-diffusion-v1-5, or give "
            "the path of its folder."
        )
    from grader.diffusion.finding import Wish, open_model

    return open_model(Wish(model, device, dtype, pixels))


def _refuse_unmeasured(course: Course, real: Choice) -> None:
    from grader.diffusion.tolerances import command, table

    if not table(course.root).covers(real.device, real.dtype):
        raise UsageError(
            f"How far right solutions stray on {real.device} in {real.dtype} has not been measured: run once "
            f"`{command(real)}`, which takes minutes."
        )


@contextmanager
def _warm(
    course: Course,
    exercises: Sequence[Exercise],
    isolation: Isolation,
    seed: int | None,
    timeout: float | None,
    **settings: Any,
) -> Iterator[Grader]:
    """Start the fork server before anything else: it imports its libraries while this process imports its own."""
    model = settings.get("model", TINY)
    with ForkServer(isolation, equipment(course, exercises, model), machine(model)) as server:
        from grader.grading import Grader

        lessons = dict.fromkeys(exercise.lesson for exercise in exercises)
        yield Grader(course, server, seed=seed, call_seconds=timeout, lessons=lessons, **settings)


def _course() -> Course:
    return find_course(current_folder())


def _read(path: str | None, course: Course) -> Submission:
    from grader.submission import read_submission, stubs_in_place

    if path == "":
        raise UsageError("--submission is empty: give the path of a .py file or of a folder.")
    return stubs_in_place(course) if path is None else read_submission(Path(path))


def _written(verdict: Verdict, output_format: Format) -> str | RenderableType:
    if output_format == "json":
        from grader.results import to_json

        return to_json(verdict)
    if output_format == "junit":
        from grader.report.junit import junit

        return junit(verdict)
    if output_format == "markdown":
        from grader.report.markdown import markdown

        return markdown(verdict)
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

    What users did has become a `UsageError` by now (see `grader.faults`), so every other exception is the grader's own.
    With `GRADE_DEBUG=1` in the environment, its traceback is shown too.
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
    except KeyboardInterrupt:
        return _say(_INTERRUPTED, "Stopped.")
    except Exception as error:
        faults.show(error)
        return _say(BROKEN, faults.sentence(error))
    return 0


def _say(status: int, sentence: str) -> int:
    if sys.stderr is not None:
        with suppress(OSError):
            print(f"grade: {sentence}", file=sys.stderr)
    return status
