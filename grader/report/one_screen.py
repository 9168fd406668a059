"""Draws what must be seen so that it fits on a terminal's screen, and as much of the rest as there is room for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.console import Group
from rich.padding import Padding
from rich.segment import Segment
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

SHORTEST = 4  # of the lengths in which something may be drawn; 0 is the whole of it
_PROMPT = 3  # lines: the next prompt or keys, what was mended, and what is next
_MORE = 2  # lines, on a narrow screen, of the sentence on what is left out


class Optional(NamedTuple):
    """Lines under a heading, all of them or none if `whole`; `left_out` says what is missing, with {} for how many."""

    heading: str
    lines: Sequence[RenderableType]
    left_out: str
    whole: bool = False


class AtMost:
    """Something of which only so many lines are drawn; the last of them ends with an ellipsis if there are more."""

    def __init__(self, content: RenderableType, lines: int) -> None:
        self._content = content
        self._most = lines

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the first lines."""
        lines = console.render_lines(self._content, options, pad=False)
        for number, line in enumerate(lines[: self._most], start=1):
            if number == self._most < len(lines):
                text = "".join(segment.text for segment in line).rstrip()
                yield Segment(text[: options.max_width - 2] + " …")
            else:
                yield from line
            yield Segment.line()


class OneScreen:
    """Parts that are drawn as long as they may be, then lists of lines, then what is always at the end."""

    def __init__(
        self,
        needed: Callable[[int], Sequence[RenderableType]],
        optional: Sequence[Optional],
        below: Sequence[RenderableType],
        see_all: str,
    ) -> None:
        """`needed` returns the parts in a length up to `SHORTEST`; `see_all` is the command for what is left out."""
        self._needed = needed
        self._optional = [each for each in optional if each.lines]
        self._below = below
        self._see_all = see_all

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw all of it where there is no screen."""
        if not console.is_terminal:
            yield from self._needed(0)
            for each in self._optional:
                yield from _under_heading(each.heading, each.lines)
        else:
            yield from self._fitting(console, options)
        yield from self._below

    def _fitting(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        def height(*parts: RenderableType) -> int:
            return sum(len(console.render_lines(part, options)) for part in parts)

        room = console.height - _PROMPT - height(*self._below)
        for length in range(SHORTEST + 1):
            parts = self._needed(length)
            if (taken := height(*parts)) <= room:
                break
        else:  # nothing makes a table of many exercises short enough for a screen of a few lines
            shortened = Text(f"Shortened; see `{self._see_all}`", "dim")
            yield AtMost(Group(*parts), max(1, room - height(shortened)))
            yield shortened
            return
        yield from parts
        room -= taken
        kept = 0
        if sum(height(*_under_heading(each.heading, each.lines)) for each in self._optional) > room:
            kept = min(_MORE, room)  # for the last line
            room -= kept
        left_out: list[str] = []
        for each in self._optional:
            shown = len(each.lines)
            while shown and height(*_under_heading(each.heading, each.lines[:shown])) > room:
                shown = 0 if each.whole else shown - 1
            if shown:
                drawn = _under_heading(each.heading, each.lines[:shown])
                room -= height(*drawn)
                yield from drawn
            if shown < len(each.lines):
                left_out.append(each.left_out.format(len(each.lines) - shown))
        see = Padding(Text(f"{', '.join(left_out)}: see `{self._see_all}`", "dim"), (0, 0, 0, 2))
        if left_out and height(see) <= room + kept:
            yield see


def _under_heading(heading: str, lines: Sequence[RenderableType]) -> list[RenderableType]:
    return [Padding(Text(heading, "dim"), (0, 0, 0, 2)), *(Padding(line, (0, 0, 0, 2)) for line in lines)]
