"""Commands for what people decide about marks, and for looking at them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.app import A_CLASS, app
from grader.cli.options import AuthorOption, GradebookOption, NamesArgument, StudentArgument, course_here
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.classroom.deciding import Decided


def _points(said: str) -> float:
    """Return points that somebody has typed."""
    try:
        return float(said)
    except ValueError:
        hint = f": write {said.replace(',', '.')}" if said.replace(",", "", 1).isdigit() else ""
        raise UsageError(f"`{said}` is not a number of points{hint}.") from None


ExerciseArgument = Annotated[str, typer.Argument(metavar="EXERCISE", help="The exercise.")]
WhyOption = Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason; the student reads it, too.")]
TakeBackOption = Annotated[bool, typer.Option("--take-back", help="What was decided before does not count any more.")]


@app.command("mark", rich_help_panel=A_CLASS)
def _mark(
    student: StudentArgument,
    exercise: ExerciseArgument,
    criterion: Annotated[
        str, typer.Argument(metavar="CRITERION", help="The title of a manual criterion, or how it begins.")
    ],
    gradebook: GradebookOption,
    why: WhyOption,
    points: Annotated[
        float | None, typer.Argument(metavar="[POINTS]", parser=_points, help="From 0 to what it is worth.")
    ] = None,
    author: AuthorOption = "",
    take_back: TakeBackOption = False,
) -> None:
    """Give points for a criterion that is marked by hand."""
    from grader.classroom.deciding import decisions

    _refuse_both(points, take_back)
    with decisions(course_here(), gradebook, author) as deciding:
        _say(deciding.give(student, exercise, criterion, points, why))


@app.command("override", rich_help_panel=A_CLASS)
def _override(
    student: StudentArgument,
    exercise: ExerciseArgument,
    gradebook: GradebookOption,
    why: WhyOption,
    points: Annotated[
        float | None,
        typer.Argument(metavar="[POINTS]", parser=_points, help="All points of the exercise, before lateness."),
    ] = None,
    author: AuthorOption = "",
    take_back: TakeBackOption = False,
) -> None:
    """Set the points of an exercise whatever its checks give, after an appeal; no later run overwrites them."""
    from grader.classroom.deciding import decisions

    _refuse_both(points, take_back)
    with decisions(course_here(), gradebook, author) as deciding:
        _say(deciding.override(student, exercise, points, why))


@app.command("choose", rich_help_panel=A_CLASS)
def _choose(
    student: StudentArgument,
    exercise: ExerciseArgument,
    gradebook: GradebookOption,
    why: WhyOption,
    attempt: Annotated[
        int | None, typer.Argument(metavar="[ATTEMPT]", help="Its number, as `grade explain STUDENT` shows it.")
    ] = None,
    author: AuthorOption = "",
    take_back: TakeBackOption = False,
) -> None:
    """Have a certain attempt count for an exercise, whatever the policy says."""
    from grader.classroom.deciding import decisions

    if (attempt is None) != take_back:
        raise UsageError("Give the number of an attempt, or --take-back.")
    with decisions(course_here(), gradebook, author) as deciding:
        _say(deciding.choose(student, exercise, attempt, why))


@app.command("explain", rich_help_panel=A_CLASS)
def _explain(student: StudentArgument, gradebook: GradebookOption) -> None:
    """Explain every number of a student's marks: attempts, checks, points by hand, lateness."""
    from contextlib import closing

    from grader.classroom.deciding import find_student
    from grader.classroom.explaining import explained
    from grader.classroom.export import class_of
    from grader.classroom.gradebook import Gradebook
    from grader.report.output import say

    course = course_here()
    with closing(Gradebook.open(gradebook, course.name)) as book:
        exported = class_of(course, book, only=[find_student(book, student)])
    say(explained(exported, exported.students[0]))


@app.command("marking", rich_help_panel=A_CLASS)
def _marking(
    gradebook: GradebookOption,
    names: NamesArgument = None,
    author: AuthorOption = "",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Of this machine; any that is free if 0.")] = 0,
) -> None:
    """Read hand-ins, give points and write comments in a browser, on a page that only this machine can open."""
    from grader.classroom.marking.serving import serve

    serve(course_here(), gradebook, typer.echo, port=port, author=author, names=names or ())


def _refuse_both(points: float | None, take_back: bool) -> None:
    if (points is None) != take_back:
        raise UsageError("Give the points, or --take-back.")


def _say(decided: Decided) -> None:
    from grader.classroom.explaining import lines_on
    from grader.classroom.formats.csv import number
    from grader.report.output import say

    before, after = decided.before, decided.after
    shown = [number(mark.points) or "open" for mark in (before, after)]
    say(f"{decided.student.record.label}, {after.exercise[1]}: {shown[0]} -> {shown[1]} points.")
    for line in lines_on(after):
        say(f"  {line}")
