"""The command that makes a course of an assignment for another tool."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from grader.cli.app import A_COURSE, app


@app.command("convert", rich_help_panel=A_COURSE)
def _convert(
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="The instructor's notebook, with its solutions.")],
    folder: Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="The folder to make.")],
    origin: Annotated[Literal["nbgrader", "otter"], typer.Option("--from", help="The tool that it was written for.")],
) -> None:
    """Make a course of an assignment for nbgrader or otter-grader, and say what cannot be converted.

    Nothing of the notebook is run. Functions that tests call become exercises; the rest is listed by cell.
    """
    from grader.authoring.converting.convert import convert, instructions
    from grader.report.output import say

    say(instructions(folder, convert(source, folder, origin)))
