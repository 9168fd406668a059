"""Where `grade watch` shows things: a terminal that begins anew for every verdict, or lines one after the other."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rich.console import RenderableType

    from grader.course.points import Points
    from grader.desk.standing import Standing
    from grader.results import Verdict

    Listing = Callable[[str, Sequence[Standing], Mapping[str, Points]], RenderableType]

KEYS = {"h": "hint", "n": "next", "l": "list", "a": "all failures", "r": "grade again", "q": "quit"}


class Screen(NamedTuple):
    """`begin` starts anew with a line, `show` adds to it; `verdict` and `everything` draw a verdict.

    `listing` draws the exercises, as `grader.desk.listing` does; `keys` says which keys there are, and `reminder` in
    short.
    """

    begin: Callable[[str], None]
    show: Callable[[str | RenderableType], None]
    verdict: Callable[[Verdict], RenderableType]
    everything: Callable[[Verdict], RenderableType]
    listing: Listing
    keys: str
    reminder: str


def screen() -> Screen:
    """Return standard output as a screen."""
    from grader.desk.listing import listing
    from grader.report.console import console
    from grader.report.formats import terminal
    from grader.report.output import say, say_wrapped

    def begin(line: str) -> None:
        if sys.stdout.isatty():
            console(sys.stdout).clear()
        show(line)

    def show(content: str | RenderableType) -> None:
        if isinstance(content, str):
            say_wrapped(content)
        else:
            say(content)

    keys = ", ".join(f"{key} {meaning}" for key, meaning in KEYS.items())
    return Screen(begin, show, terminal.verdict, terminal.everything, listing, keys, keys)


def plain_screen() -> Screen:
    """Return standard output for a screen reader: nothing is cleared, and everything is said in words."""
    from grader.desk.listing import plain_listing
    from grader.report.formats import plain
    from grader.report.output import say

    keys = "\n".join(f"Key {key}: {meaning}." for key, meaning in KEYS.items())
    return Screen(say, say, plain.plain, plain.everything, plain_listing, keys, "Keys: any other one lists them.")
