"""Where `grade watch` shows things: a terminal that begins anew for every verdict, or lines one after the other."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

    from grader.results import Verdict


class Screen(NamedTuple):
    """`begin` starts anew with a line, `show` adds to it; `verdict` and `everything` draw a verdict."""

    begin: Callable[[str], None]
    show: Callable[[str | RenderableType], None]
    verdict: Callable[[Verdict], RenderableType]
    everything: Callable[[Verdict], RenderableType]


def screen() -> Screen:
    """Return standard output as a screen."""
    from grader.report.console import console
    from grader.report.formats import terminal
    from grader.report.output import say

    def begin(line: str) -> None:
        if sys.stdout.isatty():
            console(sys.stdout).clear()
        say(line)

    return Screen(begin, say, terminal.verdict, terminal.everything)
