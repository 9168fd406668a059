"""Commands for the mistakes of a class: what has no name yet, a name for it, and which explanations help."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from grader.cli.app import A_CLASS, app
from grader.cli.options import (
    GradebookOption,
    IsolationOption,
    NamesArgument,
    OutputOption,
    conditions,
    course_here,
    format_option,
)
from grader.report.registry import Formats

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.classroom.clusters.model import ClassClusters
    from grader.classroom.messages import Effect

_CLUSTERS: Formats[ClassClusters] = Formats("grader.classroom.clusters.formats", "terminal")
_MESSAGES: Formats[Sequence[Effect]] = Formats("grader.classroom.message_formats", "terminal")
_mistakes = typer.Typer(cls=TyperGroup, help="Give mistakes of a class a name.", no_args_is_help=True)
app.add_typer(_mistakes, name="mistakes", rich_help_panel=A_CLASS)


@app.command("clusters", rich_help_panel=A_CLASS)
def _clusters(
    gradebook: GradebookOption,
    names: NamesArgument = None,
    everyone: Annotated[
        bool, typer.Option("--all", help="Group students with known mistakes, too, not only those without a name.")
    ] = False,
    output_format: Annotated[str, format_option(_CLUSTERS, "How the groups are written.")] = _CLUSTERS.default,
    output_file: OutputOption = None,
    isolation: IsolationOption = "strict",
) -> None:
    """Group failing students by what their functions answer, and show what each group has in common.

    Everybody's function is asked what the checks ask the solution, so style does not matter, and
    no known mistake is needed.
    """
    from grader.classroom.clusters.class_run import clusters_of
    from grader.report.output import Output

    output = Output(output_file)
    found = clusters_of(course_here(), gradebook, names or (), conditions(isolation, None, None), everyone=everyone)
    output.write(_CLUSTERS.written(output_format, found))


@app.command("messages", rich_help_panel=A_CLASS)
def _messages(
    gradebook: GradebookOption,
    names: NamesArgument = None,
    attempts: Annotated[
        list[Path] | None,
        typer.Option(
            "--attempts",
            metavar="PATH",
            help="Files that students wrote by `grade attempts`, or a folder of "
            "them: count their tries at the desk too; repeatable.",
        ),
    ] = None,
    output_format: Annotated[str, format_option(_MESSAGES, "How the table is written.")] = _MESSAGES.default,
    output_file: OutputOption = None,
) -> None:
    """Show which explanations helped: how often the next attempt mended what they were said of."""
    from contextlib import closing

    from grader.classroom.gradebook import Gradebook
    from grader.classroom.messages import KnownNames, effects, files_of_attempts, tries_at_desk, tries_of
    from grader.report.output import Output

    output, course = Output(output_file), course_here()
    wanted = course.select(names or ())
    known = KnownNames(wanted)
    students = [tries_at_desk(each, known) for each in files_of_attempts(attempts or ())]
    with closing(Gradebook.open(gradebook, course.name)) as book:
        students += [tries_of(record) for record in book.records()]
    places = {(exercise.lesson, exercise.name) for exercise in wanted}
    found = [effect for effect in effects(students) if effect.said.exercise in places]
    output.write(_MESSAGES.written(output_format, found))


@_mistakes.command("adopt")
def _adopt(
    cluster: Annotated[str, typer.Argument(metavar="CLUSTER", help="A group that `grade clusters` showed.")],
    exercise: Annotated[str, typer.Argument(metavar="LESSON/EXERCISE", help="Its exercise.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call the mistake, as in `noise_at_last_step`.")],
    gradebook: GradebookOption,
    isolation: IsolationOption = "strict",
) -> None:
    """Write a group's mistake as a wrong variant of the course, with blanks for its title and explanation.

    It contains no name, comment or text of a student. `grade verify` proves it, and the next `grade batch` names it.
    """
    from grader.authoring.adopting import adopt
    from grader.report.output import say

    written = adopt(course_here(), gradebook, cluster, exercise, name, conditions(isolation, None, None))
    for place in written.blanks:
        say(f"{place.path}:{place.line}: {place.text}")
    say(written.sentence)
