"""Commands for a gradebook as a whole: copies, and deliberate deletion."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path  # noqa: TC003 - Typer reads the annotations
from typing import Annotated

import typer
from typer.core import TyperGroup

from grader.cli.app import A_CLASS, app
from grader.cli.options import AuthorOption, GradebookOption, StudentArgument  # noqa: TC001 - as above
from grader.errors import UsageError

_gradebook = typer.Typer(
    cls=TyperGroup, help="Copy a gradebook, restore it, delete from it on purpose.", no_args_is_help=True
)
app.add_typer(_gradebook, name="gradebook", rich_help_panel=A_CLASS)

YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask; nothing brings back what is deleted.")]


@_gradebook.command("backup")
def _backup(
    copy: Annotated[Path, typer.Argument(metavar="COPY", help="The file to make.")], gradebook: GradebookOption
) -> None:
    """Copy a gradebook, also while `grade batch` is writing it."""
    from grader.classroom.copies import back_up

    typer.echo(f"{copy} has {back_up(gradebook, copy)} students.")


@_gradebook.command("restore")
def _restore(
    copy: Annotated[Path, typer.Argument(metavar="COPY", help="What `backup` made.")],
    gradebook: GradebookOption,
) -> None:
    """Put a copy in place of a gradebook, of which a copy is kept."""
    from grader.classroom.copies import restore

    restored = restore(copy, gradebook)
    typer.echo(f"{gradebook} has {restored.students} students again.")
    if restored.kept is not None:
        typer.echo(f"What was there before is in {restored.kept}.")


@_gradebook.command("forget")
def _forget(
    student: StudentArgument, gradebook: GradebookOption, author: AuthorOption = "", yes: YesOption = False
) -> None:
    """Delete everything about a student; copies of the gradebook keep it."""
    from grader.classroom.deciding import find_student, user
    from grader.classroom.deletion import forget
    from grader.classroom.gradebook import Gradebook

    with closing(Gradebook.open(gradebook, to_write=True)) as book:
        key = find_student(book, student)
        _ask(f"Delete everything about {key} from {gradebook}?", yes=yes)
        forget(book, key, author or user())
    typer.echo(f"{key} is deleted. Copies of {gradebook} that were made before still have everything.")


@_gradebook.command("purge")
def _purge(
    gradebook: GradebookOption,
    before: Annotated[str, typer.Option("--before", metavar="DATE", help="As in 2026-09-30.")],
    author: AuthorOption = "",
    yes: YesOption = False,
) -> None:
    """Delete attempts that were first graded before a date, and whoever then has none left."""
    from grader.classroom.deciding import user
    from grader.classroom.deletion import purge
    from grader.classroom.gradebook import Gradebook
    from grader.classroom.wording import counted

    _ask(f"Delete all attempts before {before} from {gradebook}, and whoever then has none left?", yes=yes)
    with closing(Gradebook.open(gradebook, to_write=True)) as book:
        attempts, students = purge(book, before, author or user())
    deleted = f"{counted(attempts, 'attempt')} and {counted(students, 'student')}"
    typer.echo(f"Deleted: {deleted}. Copies of {gradebook} that were made before still have them.")


def _ask(question: str, *, yes: bool) -> None:
    from grader.cli.asking import typed

    if not yes and typed(f"{question} [y/N]: ").lower() not in ("y", "yes"):
        raise UsageError("Nothing was deleted: answer y, or give --yes.")
