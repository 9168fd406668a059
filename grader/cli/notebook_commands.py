"""Commands about notebooks for whoever writes a course: build those of the lessons, look through any."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads annotations
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from grader.cli.app import A_COURSE, app
from grader.cli.options import IsolationOption, OutputOption, TierOfStubs, course_here, format_option
from grader.cli.status import DONE, FAILED
from grader.errors import UsageError
from grader.report.registry import Formats

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.authoring.linting.findings import Finding

_FINDINGS: Formats[Sequence[Finding]] = Formats("grader.authoring.linting.formats", "terminal")
_notebook = typer.Typer(
    cls=TyperGroup, help="Build the lessons' notebooks, and look through any notebook.", no_args_is_help=True
)
app.add_typer(_notebook, name="notebook", rich_help_panel=A_COURSE)


@_notebook.command("build")
def _build(
    lessons: Annotated[
        list[str] | None, typer.Argument(metavar="[LESSON]...", help="Lessons; all of them if none is named.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit with 1 if a notebook is stale.")] = False,
    tier: TierOfStubs = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="With --tier, the folder for DIR/LESSON/lesson.ipynb."),
    ] = None,
) -> None:
    """Build each lesson's notebook from its page and its stubs."""
    from grader.authoring.notebooks import State, build, build_elsewhere, path_of
    from grader.report.output import say

    if (tier is None) is not (output is None) or (tier is not None and check):
        raise UsageError(
            "--tier TIER and -o DIR go together, without --check: the notebooks beside pages have the stubs."
        )
    course = course_here()
    chosen = dict.fromkeys(exercise.lesson for exercise in course.select(lessons or ()))
    if tier is not None and output is not None:
        for lesson in (lesson for lesson in course.lessons if lesson.name in chosen):
            say(f"{build_elsewhere(lesson, tier, output)} is built.")
        raise typer.Exit(DONE)
    states = []
    for lesson in (lesson for lesson in course.lessons if lesson.name in chosen):
        states.append(build(lesson, check=check))
        remedy = f": build it with `grade notebook build {lesson.name}`" if states[-1] is State.STALE else ""
        say(f"{path_of(lesson).relative_to(course.root)} {states[-1].value}{remedy}.")
    raise typer.Exit(FAILED if State.STALE in states else DONE)


@_notebook.command("check")
def _check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Notebooks of a course, of ours or another.")],
    execute: Annotated[
        bool, typer.Option("--execute", help="Run each, confined, and grade the exercises that are solved in it.")
    ] = False,
    isolation: IsolationOption = "auto",
    output_format: Annotated[str, format_option(_FINDINGS, "How it is written.")] = _FINDINGS.default,
    output_file: OutputOption = None,
) -> None:
    """Look through notebooks for what would mislead a student; exit with 1 if there is anything.

    A cell is excused from a rule by `# grade: allow RULE - reason`, one of text by the same in an HTML comment.
    """
    from grader.authoring.linting.check import check
    from grader.report.output import Output

    output = Output(output_file)
    findings = [finding for file in files for finding in check(file)]
    if execute:
        from grader.notebook.solutions import check_by_running
        from grader.sandbox.outside.server import Isolation

        findings += [finding for file in files for finding in check_by_running(file, Isolation(isolation))]
    output.write(_FINDINGS.written(output_format, findings))
    raise typer.Exit(FAILED if findings else DONE)


@_notebook.command("rules")
def _rules() -> None:
    """List the rules of `grade notebook check`, and which of them only suspect."""
    from grader.authoring.linting.check import RULES
    from grader.report.output import say

    width = max(len(rule.name) for rule in RULES)
    for rule in RULES:
        say(f"{rule.name:<{width}}  {rule.against}{'' if rule.exact else ' (a suspicion)'}")
