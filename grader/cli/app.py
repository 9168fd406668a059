"""The group of all commands: its help, which lists commands by who uses them, and what happens without a command."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from grader import faults
from grader.cli.status import Interrupted
from grader.errors import GraderError
from grader.version import __version__

if TYPE_CHECKING:
    from typer.models import CommandInfo

AT_YOUR_DESK, A_CLASS, A_COURSE = "At your desk", "A class", "A course"  # the headings of help
GRADING = "exercises"  # the hidden command behind `grade NAME...`


class _Grade(TyperGroup):
    """Grades when the first argument is not a command's name, and shows the options of grading in its own help."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or args[0] not in (*self.commands, "--help", "--version"):
            args = [GRADING, *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:  # Typer would end with 1, as if a check had failed
            raise GraderError(faults.reason(error)) from error
        except KeyboardInterrupt:
            raise Interrupted("Stopped.") from None

    def format_help(self, ctx: Any, formatter: Any) -> None:
        self.params = [*self.commands[GRADING].params, *self.params]
        super().format_help(ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - Typer's signature
        """List the commands under their panels; Typer does so only with Rich, which help need not wait for."""
        shown = {name: command for name, command in self.commands.items() if not command.hidden}
        panels: dict[str, list[str]] = {AT_YOUR_DESK: [], A_CLASS: [], A_COURSE: []}
        for name, command in shown.items():
            panels[getattr(command, "rich_help_panel", None) or AT_YOUR_DESK].append(name)
        width = max(map(len, shown))
        for panel, names in panels.items():
            with formatter.section(panel):
                room = formatter.width - width - 6
                # Names of one width, so that what they do begins in the same column in every panel.
                formatter.write_dl([(f"{name:<{width}}", shown[name].get_short_help_str(room)) for name in names])


app = typer.Typer(
    cls=_Grade,
    subcommand_metavar="| COMMAND [ARGS]...",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def for_one_command(whole: typer.Typer, name: str) -> typer.Typer:
    """Return the group for a command line of one command: of the others only help is there.

    Typer would read the annotations of all of them, which takes longer than anything else that help waits for.
    """
    one = copy.copy(whole)
    one.registered_commands = [
        info if info.name == name else _without_parameters(info) for info in whole.registered_commands
    ]
    return one


def _without_parameters(info: CommandInfo) -> CommandInfo:
    def nothing() -> None:
        """Do nothing."""

    nothing.__doc__ = info.callback.__doc__ if info.callback is not None else None
    other = copy.copy(info)
    other.callback = nothing
    return other


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
