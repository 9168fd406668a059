"""Commands that platforms run, each in a machine of its own."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Literal

import typer
from typer.core import TyperGroup

from grader.cli.app import A_CLASS, app
from grader.cli.options import GradebookOption, course_here
from grader.cli.status import DONE, FAILED

_autograder = typer.Typer(cls=TyperGroup, help="What autograders of platforms run.", no_args_is_help=True)
app.add_typer(_autograder, name="autograder", rich_help_panel=A_CLASS, hidden=True)


@_autograder.command("gradescope")
def _gradescope(
    root: Annotated[
        Path, typer.Option("--root", metavar="DIR", help="Where Gradescope has source, submission and results.")
    ] = Path("/autograder"),
) -> None:
    """Grade the one submission of this container, and write results/results.json.

    Exit status: 0 it was graded, 2 usage, 3 the grader broke; then there are no results, and nobody gets a zero.
    """
    from grader.classroom.autograders.gradescope import grade_submission
    from grader.report.output import say

    say(grade_submission(root))


@_autograder.command("classroom50")
def _classroom50(
    autograder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the autograder.")],
) -> None:
    """Grade the student's checkout that this runs in, and write result.json.

    Exit status: 0 it was graded, whatever came of it, 2 usage, 3 the grader broke.
    """
    from grader.classroom.autograders.classroom50 import grade_checkout
    from grader.course.outline import current_folder
    from grader.report.output import say

    say(grade_checkout(autograder, current_folder()))


_repositories = typer.Typer(
    cls=TyperGroup, help="Fetch a class's repositories, and tell students their points.", no_args_is_help=True
)
app.add_typer(_repositories, name="repositories", rich_help_panel=A_CLASS)
Host = Literal["github", "gitlab"]
HostOption = Annotated[Host, typer.Option("--host", help="Who hosts the repositories.")]
FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="Where the hand-ins are put.")]


@_repositories.command("fetch")
def _fetch(
    folder: FolderArgument,
    owner: Annotated[str, typer.Option("--owner", metavar="NAME", help="The organization or group that has them.")],
    prefix: Annotated[
        str, typer.Option("--prefix", metavar="TEXT", help="What their names begin with; the student follows.")
    ],
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="STUDENT", help="Only this student's; can be repeated.")
    ] = None,
    roster: Annotated[
        Path | None,
        typer.Option("--roster", metavar="FILE", help="A CSV file that names the class, with a column login."),
    ] = None,
    host: HostOption = "github",
) -> None:
    """Fetch each student's repository without checking anything out, as an archive that `grade batch` reads.

    The token is in GRADE_GITHUB_TOKEN or GRADE_GITLAB_TOKEN; reading is all that it must be allowed.

    Exit status: 0 all were fetched, 1 some could not be, 2 usage, 3 the grader broke.
    """
    from grader.classroom.repositories.fetching import Class, fetch_class
    from grader.classroom.repositories.hosts import forge_of
    from grader.report.output import say

    manifest = fetch_class(forge_of(host), Class(owner, prefix, tuple(only or ())), folder, roster)
    problems = [each for each in manifest.repositories if each.problem]
    say(f"{len(manifest.repositories) - len(problems)} repositories were fetched.")
    for each in problems:
        say(f"{each.student}: {each.problem}")
    handins, listed = (shlex.quote(str(folder / name)) for name in ("handins", "roster.csv"))
    say(f"Next: grade batch {handins} --from folders --roster {listed} --gradebook class.sqlite")
    raise typer.Exit(FAILED if problems else DONE)


@_repositories.command("tell")
def _tell(folder: FolderArgument, gradebook: GradebookOption, host: HostOption = "github") -> None:
    """Tell each student what the commit that was fetched is worth: by a check run, or a comment on it.

    Of hidden checks they read titles and outcomes, no input and no value. Who knows already is not told again.

    Exit status: 0 all were told, 1 some could not be, 2 usage, 3 the grader broke.
    """
    from grader.classroom.repositories.hosts import forge_of
    from grader.classroom.repositories.manifest import read_manifest
    from grader.classroom.repositories.telling import sentences, tell_class
    from grader.report.output import say

    told = tell_class(forge_of(host), course_here(), gradebook, read_manifest(folder))
    say("\n".join(sentences(told)))
    raise typer.Exit(FAILED if told.problems else DONE)
