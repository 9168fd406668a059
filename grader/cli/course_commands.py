"""Commands for whoever writes a course: make exercises, prove them right, release them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer

from grader.cli.app import A_COURSE, app
from grader.cli.options import (
    DeviceOption,
    DtypeOption,
    IsolationOption,
    JobsOption,
    ModelOption,
    NamesArgument,
    OutputOption,
    PixelsOption,
    SeedOption,
    TierOfStubs,
    TimeoutOption,
    chosen_model,
    conditions,
    course_here,
    format_option,
)
from grader.cli.quick import COMMANDS
from grader.cli.status import DONE, FAILED, INTERRUPTED, going_on_later
from grader.errors import GraderError, UsageError
from grader.report.registry import Formats

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.authoring.attacking import Attack
    from grader.authoring.findings import Report
    from grader.authoring.verify_course import Found

Platform = Literal["github", "gitlab", "gradescope", "classroom50"]
Audience = Literal["course", "self-study"]  # of a release

_ATTACKS: Formats[Sequence[Attack]] = Formats("grader.authoring.attack_formats", "terminal")
_REPORTS: Formats[Sequence[Report]] = Formats("grader.authoring.formats", "terminal")


@app.command("new", rich_help_panel=A_COURSE)
def _new(
    exercise: Annotated[str, typer.Argument(metavar="LESSON/NAME", help="The exercise; its lesson may be new, too.")],
    signature: Annotated[
        str,
        typer.Option(
            "--signature",
            metavar="TEXT",
            help="What students write: parameters and result with their types (asked for if not given).",
        ),
    ] = "",
) -> None:
    """Make all files of a new exercise, with blanks for its author to fill in."""
    from grader.authoring.new import instructions, new_exercise, refuse_if_taken
    from grader.cli.asking import typed
    from grader.report.output import say

    course = course_here()
    refuse_if_taken(course, exercise)
    for part in exercise.split("/"):
        if part in COMMANDS:
            raise UsageError(f"`{part}` is a command of `grade`, which goes before an exercise: choose another name.")
    example = "(x: torch.Tensor, timestep: int) -> torch.Tensor"
    signature = signature or typed(f"The signature, as in {example}: ")
    if not signature:
        raise UsageError(f'What students write is not known: add --signature "{example}".')
    say(instructions(course, exercise, new_exercise(course, exercise, signature)))


@app.command("verify", rich_help_panel=A_COURSE)
def _verify(
    names: NamesArgument = None,
    fast: Annotated[bool, typer.Option("--fast", help="Leave out mutants and fresh seeds, for the edit loop.")] = False,
    changed: Annotated[
        str | None, typer.Option("--changed", metavar="COMMIT", help="Only exercises that changed since a commit.")
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option(
            "--seeds",
            metavar="N",
            min=0,
            help="At each of N fresh seeds, right variants must pass and wrong ones be caught. "
            "If not given: the solution at 3, accepted variants at 1.",
        ),
    ] = None,
    cheats: Annotated[
        bool,
        typer.Option(
            "--attack",
            help="Only grade automatic cheats, such as zeros, an ignored argument or a pasted helper of the checks: "
            "show the share of points that each gets. Without --attack none is graded.",
        ),
    ] = False,
    output_format: Annotated[str, format_option(_REPORTS, "How it is written.")] = _REPORTS.default,
    output_file: OutputOption = None,
    jobs: JobsOption = None,
    isolation: IsolationOption = "auto",
    seed: SeedOption = None,
    timeout: TimeoutOption = None,
) -> None:
    """Check the exercises themselves: stubs, references, wrong and accepted variants, mutants, tolerances."""
    from grader.authoring.verify_course import attack_course, verify_course
    from grader.report.output import Output

    if cheats and (fast or seeds is not None):
        raise UsageError("--attack grades cheats and nothing else: give it without --fast and --seeds.")
    output, course, graded = Output(output_file), course_here(), conditions(isolation, seed, timeout)
    if cheats:
        attacks = attack_course(course, names or (), graded, changed_since=changed, jobs=jobs)
        _end_if_nothing(attacks, changed)
        output.write(_ATTACKS.written(output_format, attacks.reports))
        _end(attacks, "grade verify --attack")
    verified = verify_course(course, names or (), graded, changed_since=changed, fast=fast, seeds=seeds, jobs=jobs)
    _end_if_nothing(verified, changed)
    output.write(_REPORTS.written(output_format, verified.reports))
    again = "grade verify" + " --fast" * fast + (f" --seeds {seeds}" if seeds is not None else "")
    _end(verified, again)


def _end_if_nothing(found: Found[Any], changed: str | None) -> None:
    if changed is not None and not (found.reports or found.left or found.broken):
        print(f"No exercise has changed since {changed}: there is nothing to check.", file=sys.stderr)
        raise typer.Exit(DONE)


def _end(found: Found[Any], again: str) -> NoReturn:
    """Exit by what was found out; `again` is the command that goes on with exercises that an interruption left out."""
    if found.broken:
        raise GraderError("\n".join(found.broken))
    if found.left:
        left = len(found.left)
        are = f"{left} exercise{' is' if left == 1 else 's are'} left"
        print(f"Stopped: {are}. Go on with: {again} {' '.join(found.left)}", file=sys.stderr)
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(FAILED if any(report.findings for report in found.reports) else DONE)


@app.command("record", rich_help_panel=A_COURSE)
def _record(
    names: NamesArgument = None,
    check: Annotated[bool, typer.Option("--check", help="Run nothing; exit with 1 if a record is stale.")] = False,
    jobs: JobsOption = None,
) -> None:
    """Record what known mistakes answer to the public checks, for copies of the course that have no wrong variants.

    Only what has changed is run again. `grade release` does it, too.
    """
    from grader.authoring.recording import record_stale, stale
    from grader.report.output import say

    course = course_here()
    exercises = course.select(names or ())
    if check and (changed := stale(exercises)):
        listed = " ".join(exercise.name for exercise in changed)
        say(f"Known mistakes have changed since they were recorded: run `grade record {listed}`.")
        raise typer.Exit(FAILED)
    count = 0 if check else record_stale(course, exercises, jobs)
    say(_recorded(count) if count else "All known mistakes are recorded.")


def _recorded(count: int) -> str:
    return f"The known mistakes of {count} exercise{'' if count == 1 else 's'} are recorded in reference/."


@app.command("calibrate", rich_help_panel=A_COURSE)
def _calibrate(
    names: NamesArgument = None,
    model: ModelOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    pixels: PixelsOption = 0,
    steps: Annotated[
        list[int] | None,
        typer.Option("--steps", metavar="N", min=1, help="A number of steps to measure; can be repeated."),
    ] = None,
    seeds: Annotated[
        int, typer.Option("--seeds", metavar="N", min=1, help="How many pictures, noises and prompts to measure.")
    ] = 3,
    output_file: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="The table (tolerances.json in the course if not given)."),
    ] = None,
) -> None:
    """Measure on a device how far right solutions stray from diffusers' pipelines, and known mistakes.

    Writes a table of tolerances, which `grade --tier gpu` reads. Needs the course's `reference/`.

    Exit status: 0 the table was written, 1 a solution or an accepted variant raised, 2 usage, 3 the grader broke.
    """
    from grader.diffusion import tolerances
    from grader.report.output import Output, say

    course = course_here()
    exercises = course.select(names or ())
    path = output_file or course.root / tolerances.NAME
    output, known = Output(path), tolerances.read(path)
    chosen = chosen_model("gpu", model, device, dtype, pixels)

    from grader.authoring.calibration_table import table
    from grader.authoring.tolerance_table import measure_tolerances

    log = path.with_suffix(".unfinished.jsonl") if path.is_file() or not path.exists() else None  # of a device, none
    with going_on_later():
        measured = measure_tolerances(exercises, chosen, known, output, log=log, steps=steps, seeds=seeds)
    say(table(measured, path))
    raise typer.Exit(DONE if measured.is_whole else FAILED)


@app.command("release", rich_help_panel=A_COURSE)
def _release(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make.")],
    audience: Annotated[
        Audience, typer.Option("--audience", help="course: for those who hand in; self-study: with solutions.")
    ] = "course",
    tier: TierOfStubs = None,
    wheel: Annotated[
        Path | None,
        typer.Option("--wheel", metavar="FILE", help="A wheel of the grader to put in, for students to install."),
    ] = None,
    git: Annotated[
        str | None,
        typer.Option("--git", metavar="URL", help="Or the git repository they install it from, URL[@COMMIT]."),
    ] = None,
    platform: Annotated[
        Platform | None,
        typer.Option("--platform", help="Instead of a copy for students, make what this platform grades with."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only", metavar="NAME", help="An exercise or lesson that it grades, all if not given; repeatable."
        ),
    ] = None,
    isolation: Annotated[
        Literal["strict", "auto"],
        typer.Option(
            "--isolation", help="Whether its autograder refuses to run without Landlock (strict), or says so."
        ),
    ] = "strict",
    attempts: Annotated[
        int | None,
        typer.Option("--attempts", metavar="N", min=1, help="Grade no more than N submissions of a student."),
    ] = None,
    count_hidden: Annotated[
        bool, typer.Option("--count-hidden", help="Tell students at once how many hidden checks pass, and not which.")
    ] = False,
    jobs: JobsOption = None,
) -> None:
    """Make what students get: stubs, pages, public checks, and the names of known mistakes; no answer leaks.

    With --platform it makes what grades: a .zip for Gradescope, a private repository for GitHub or GitLab (these hold
    all answers and hidden checks, so nobody else may see them), or an autograder for Classroom 50.
    """
    from grader.authoring.release import release_course
    from grader.report.output import say

    if wheel is not None and git is not None:
        raise UsageError("--wheel and --git both say how to install the grader: give only one of them.")
    _refuse_without_effect(context, platform)
    if platform is not None:
        from grader.authoring.platforms.releasing import release_to
        from grader.authoring.platforms.wanted import Wanted

        wanted = Wanted(tuple(only or ()), isolation, attempts, count_hidden)
        made = release_to(platform, course_here(), folder, wanted, wheel=wheel, git=git, jobs=jobs)
        if made.recorded:
            say(_recorded(made.recorded))
        say(f"{folder}: {made.files} files for {platform}.")
        return
    released = release_course(course_here(), folder, audience, wheel=wheel, git=git, jobs=jobs, support=tier)
    if released.recorded:
        say(_recorded(released.recorded))
    say(f"{folder}: {released.files} files for {audience}; no answer was found in them.")
    if not released.says_how_to_install:
        say(f"{folder}/README.md cannot say how to install the grader: use --wheel or --git.")


_PLATFORMS_OF = {  # which understand an option
    "only": ("github", "gitlab", "gradescope", "classroom50"),
    "isolation": ("gradescope", "classroom50"),
    "attempts": ("gradescope",),
    "count_hidden": ("gradescope",),
}


def _refuse_without_effect(context: typer.Context, platform: str | None) -> None:
    """Refuse an option that was given and that would change nothing."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    given = {name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"}
    for name in ("tier", "audience") if platform is not None else ():
        if name in given:
            raise UsageError(
                f"--{name} is about what students get, and --platform makes what grades: give only one of them."
            )
    for name, platforms in _PLATFORMS_OF.items():
        if name in given and platform not in platforms:
            option = f"--{name.replace('_', '-')}"
            named = " or ".join(filter(None, [", ".join(platforms[:-1]), platforms[-1]]))
            raise UsageError(f"{option} is for --platform {named}: leave it out, or add that.")
