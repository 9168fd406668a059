"""Every command and every option, made of what `grade` itself reads, where a page has the line `<!-- commands -->`."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

import typer.main

import grader.cli.commands  # noqa: F401 - it adds the commands
from grader.cli.app import A_CLASS, A_COURSE, AT_YOUR_DESK, GRADING, app

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK = "<!-- commands -->"
_SIGNS = re.compile(r"([\\*_\[\]<>|#~])")
_INDENTED = re.compile(r"\n\s*")


def program() -> Any:
    """Return the command `grade` with everything below it."""
    return typer.main.get_command(app)


def commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield a command and the commands below it that help shows, each with its whole name."""
    yield name, command
    for word, below in getattr(command, "commands", {}).items():
        if not below.hidden:
            yield from commands(below, f"{name} {word}")


def with_commands(text: str) -> str:
    """Return the Markdown of a page with all commands in the place of its mark."""
    return text.replace(MARK, _all_commands()) if MARK in text else text


def _all_commands() -> str:
    grade = program()
    parts = ["## Grading", _described("grade NAME", grade.commands[GRADING], "grade [NAME]... [OPTIONS]")]
    by_panel: dict[str, list[tuple[str, Any]]] = {AT_YOUR_DESK: [], A_CLASS: [], A_COURSE: []}
    for name, command in grade.commands.items():
        if not command.hidden:
            panel = command.rich_help_panel
            by_panel[panel if panel in by_panel else AT_YOUR_DESK] += commands(command, f"grade {name}")
    for panel, named in by_panel.items():
        parts.append(f"## {panel}")
        parts += [_described(name, command) for name, command in named]
    return "\n\n".join(parts)


def _described(name: str, command: Any, usage: str = "") -> str:
    """Return a section on one command: what it does, how it is written, and a table of what it takes."""
    context = command.context_class(command, info_name=name)
    usage = usage or " ".join([name, *command.collect_usage_pieces(context)])
    parts = [f"### `{name}`", _paragraphs(command.help or ""), f"```text\n{usage}\n```"]
    records = [record for each in command.params if (record := each.get_help_record(context)) is not None]
    parts += [
        f"`{written}`\n:   {_escaped(said)}"
        for written, said in records
        if not written.endswith(("--help", "--version"))
    ]
    return "\n\n".join(part for part in parts if part)


def _paragraphs(text: str) -> str:
    return "\n\n".join(_INDENTED.sub(" ", part).strip() for part in _escaped(text).split("\n\n"))


def _escaped(text: str) -> str:
    """Return a text of help as Markdown, in which signs stand for themselves; what is in backticks is code."""
    return "`".join(
        part if inside_code else _SIGNS.sub(r"\\\1", part)
        for part, inside_code in zip(text.split("`"), itertools.cycle((False, True)), strict=False)
    )
