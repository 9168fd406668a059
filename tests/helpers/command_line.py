"""Commands as documents write them, compared with what the programs that they name take."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer.main

import grader.cli.commands  # noqa: F401 - it adds the commands
from grader.cli.app import app

if TYPE_CHECKING:
    from collections.abc import Collection

PROJECT = Path(__file__).parents[2]
GRADE = typer.main.get_command(app)
_STANDARD = frozenset("echo cd cp mkdir mv rm ls unzip cat export git podman python3 pre-commit source . zip".split())
_EXTRAS = re.compile(r"\.whl\[([\w,]+)\]")
# What stands for a value in sentences, and a value of its kind.
_PLACEHOLDERS = {"N": "1", "SECONDS": "1", "TIER": "guided", "FORMAT": "json", "VALUE": "1"}


def problem(words: list[str], *, in_a_sentence: bool = False, made: Collection[str] = ()) -> str | None:
    """Return what is wrong with a command, None if it can be given like this.

    In a sentence it may be named without all that it needs, such as `grade export --format canvas`. `made` are files
    that are there by then.
    """
    program, *arguments = words
    if program == "grade":
        return _problem_of_grade(arguments, in_a_sentence=in_a_sentence)
    if program == "make":
        return _problem_of_make(arguments)
    if program in ("python", "python3") and arguments:
        return _problem_of_python(arguments, made)
    if program == "pip":
        extras = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
        named = [extra for found in _EXTRAS.findall(" ".join(arguments)) for extra in found.split(",")]
        return next((f"there is no extra {extra}" for extra in named if extra not in extras), None)
    if program in ("pytest", "dask", "gh"):
        missing = [word for word in arguments if word.startswith("tests/") and not (PROJECT / word).exists()]
        return f"there is no {missing[0]}" if missing else None
    return None if program in _STANDARD else f"`{program}` is a program that no test knows"


def _problem_of_grade(arguments: list[str], *, in_a_sentence: bool) -> str | None:
    command: Any = GRADE
    context = command.context_class(command, info_name="grade")
    while hasattr(command, "commands"):
        word = arguments[0] if arguments else ""
        if word in ("--help", "--version"):
            return None
        if word not in command.commands:
            if command is not GRADE:
                return f"`grade {context.info_name}` has no command {word}" if not in_a_sentence or word else None
            arguments = ["exercises", *arguments]
        name, *arguments = arguments
        command = command.commands[name]
        context = command.context_class(command, info_name=name, parent=context)
    if in_a_sentence:
        known = {word for each in command.params for word in (*each.opts, *each.secondary_opts)} | {"--help"}
        unknown = [word for word in arguments if word.startswith("-") and word.partition("=")[0] not in known]
        return f"`grade {context.info_name}` has no option {unknown[0]}" if unknown else None
    try:
        command.parse_args(context, [_PLACEHOLDERS.get(word, word) for word in arguments])
    except Exception as error:
        return f"`grade {context.info_name}` refuses this: {getattr(error, 'message', error)}"
    return None


def _problem_of_make(arguments: list[str]) -> str | None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    for word in arguments:
        name = word.partition("=")[0]
        pattern = rf"^{re.escape(name)} \??=" if "=" in word else rf"^(?:[\w-]+ )*{re.escape(name)}(?: [\w-]+)*:"
        if not re.search(pattern, makefile, re.MULTILINE):
            return f"the Makefile has no {name}"
    return None


def _problem_of_python(arguments: list[str], made: Collection[str]) -> str | None:
    if arguments[0] == "-m":
        module = arguments[1]
        ours = PROJECT.joinpath(*module.split("."))
        known = module in ("venv", "zipfile", "http.server") or ours.with_suffix(".py").exists() or ours.is_dir()
        return None if known else f"there is no module {module}"
    by_grade = arguments[0] == "install.py" or arguments[0].startswith(".grade/debug/")
    return (
        None
        if by_grade or arguments[0] in made or (PROJECT / arguments[0]).is_file()
        else f"there is no {arguments[0]}"
    )


def as_typed(span: str) -> list[str] | None:
    """Return the words of a command that stands in a sentence, None if the span is something else."""
    if not re.match(r"(grade|make)( |$)", span) or span in ("grade", "make"):
        return None
    try:
        return [word for word in shlex.split(span) if word not in ("...", "…")]
    except ValueError:
        return None
