"""The command `grade debug`."""

from __future__ import annotations

from typing import Annotated

import typer

from grader.cli.app import AT_YOUR_DESK, app
from grader.cli.options import IsolationOption, SeedOption, TimeoutOption, conditions, course_here, outline_here


@app.command("debug", rich_help_panel=AT_YOUR_DESK)
def _debug(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The exercise.")],
    check: Annotated[
        str | None,
        typer.Argument(metavar="[CHECK]", help="A failed check, by its number or name; the first one if not given."),
    ] = None,
    submission: Annotated[
        str | None,
        typer.Option("--submission", metavar="PATH", help="What is graded; the stubs in place if not given."),
    ] = None,
    isolation: IsolationOption = "auto",
    seed: SeedOption = None,
    timeout: TimeoutOption = None,
) -> None:
    """Write the smallest failing input as a script, to be run in your own Python or IDE."""
    from grader.desk.choosing import one
    from grader.desk.debugging import debug
    from grader.report.output import say

    exercise = one(outline_here(), name)
    found = debug(course_here(), exercise.key, check, submission, conditions(isolation, seed, timeout))
    say(f"{found.check.title}\n\n  python {found.path}\n\nruns your code on the smallest input that fails this check.")
