"""Shows on standard error how far a command is."""

from __future__ import annotations

import itertools
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from grader.report.console import console

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MOST_LINES = 20  # of progress, where there is no terminal


@contextmanager
def progress(total: int, *, time_left: bool = False, silent: bool = False) -> Iterator[Callable[[str], None]]:
    """Show a bar on standard error while the block runs, nothing if `silent`.

    The yielded function moves it on by one and shows what that was. Where standard error is not a terminal, what takes
    long (`time_left`) writes a line now and then instead, and anything else nothing.
    """
    stderr = console(sys.stderr)
    if silent or not stderr.is_terminal:
        yield _lines_of_progress(total) if time_left and not silent else _nothing
        return
    columns: list[ProgressColumn] = [
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
    ]  # fmt: skip
    if time_left:
        columns += [TextColumn("left:"), TimeRemainingColumn()]
    with Progress(*columns, console=stderr, transient=True) as bar:
        task = bar.add_task("starting", total=total)
        yield lambda name: bar.update(task, advance=1, description=name)


def _nothing(_name: str) -> None:
    """Show nothing."""


def _lines_of_progress(total: int) -> Callable[[str], None]:
    """Return a function that counts what is done and writes that down `_MOST_LINES` times at most."""
    counted = itertools.count(1)

    def finished(name: str) -> None:
        done = next(counted)
        if done * _MOST_LINES // total > (done - 1) * _MOST_LINES // total:
            print(f"{done} of {total} done: {name}", file=sys.stderr, flush=True)

    return finished


@contextmanager
def activity(doing: str) -> Iterator[Callable[[str], None]]:
    """Show what is being done on standard error while the block runs, if that is a terminal.

    The yielded function says what it is done to from now on.
    """
    stderr = console(sys.stderr)
    if not stderr.is_terminal:
        yield _nothing
        return
    columns = [SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()]
    with Progress(*columns, console=stderr, transient=True) as line:
        task = line.add_task(doing)
        yield lambda name: line.update(task, description=f"{doing} {name}")
