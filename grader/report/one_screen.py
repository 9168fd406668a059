"""Draws what must be seen, and below it as much of the rest as the screen has room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

_TWO_LINES = 2  # what a sentence takes on a narrow screen
_BELOW = 4  # lines: the total with what it says, and the next prompt


class OneScreen:
    """Parts that are always drawn, then lists of lines under a heading, cut where a terminal's screen ends."""

    def __init__(
        self,
        needed: Callable[[bool], Sequence[RenderableType]],
        optional: Sequence[tuple[str, Sequence[RenderableType]]],
        see_all: str,
    ) -> None:
        """`needed` returns the parts, compact ones for True; `see_all` is the command that shows what is left out."""
        self._needed = needed
        self._optional = [(heading, lines) for heading, lines in optional if lines]
        self._see_all = see_all

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw all of it where there is no screen."""
        parts = self._needed(False)
        room = self._room(parts, console, options)
        if console.is_terminal and room < 0:
            parts = self._needed(True)
            room = self._room(parts, console, options)
        yield from parts
        for heading, lines in self._optional:
            for part in self._fitting(heading, lines, room if console.is_terminal else None):
                yield part
                room -= len(console.render_lines(part, options))

    def _fitting(self, heading: str, lines: Sequence[RenderableType], room: int | None) -> Iterator[RenderableType]:
        """Yield a heading and its lines, as many as there is room for, and what is left out in another line."""
        shown = list(lines) if room is None or len(lines) < room else list(lines[: max(0, room - 2 * _TWO_LINES)])
        if shown:
            yield Text(f"  {heading}", "dim")
            yield from (Padding(line, (0, 0, 0, 2)) for line in shown)
        if len(shown) < len(lines):
            left = f"{heading}: {len(lines) - len(shown)} more lines, see `{self._see_all}`"
            yield Padding(Text(left, "dim"), (0, 0, 0, 2))

    def _room(self, parts: Sequence[RenderableType], console: Console, options: ConsoleOptions) -> int:
        return console.height - _BELOW - sum(len(console.render_lines(part, options)) for part in parts)
