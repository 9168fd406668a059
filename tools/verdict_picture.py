"""Draws the verdict on the first page: what `grade` prints on a sample submission, as SVG for light and dark pages.

    python -m tools.verdict_picture

writes both pictures anew. A test compares them with what `grade` prints today.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

PROJECT = Path(__file__).parents[1]
PICTURES = PROJECT / "docs" / "pictures"
SAMPLE = "tests/submissions/honest/noise_at_last_step/submission.py"
ARGUMENTS = ("--submission", SAMPLE, "--no-daemon", "reverse_step")
COLUMNS, LINES = 88, 40
SURROUNDINGS = {"FORCE_COLOR": "1", "COLUMNS": str(COLUMNS), "LINES": str(LINES), "TERM": "xterm"}
SHOWN = "grade reverse_step"  # the same for somebody at their desk
_OF_COLOURS = {  # black, red, green, yellow, blue, magenta, cyan, white; all readable on their ground
    "light": ("#f6f8fa", "#1f2328", "#1f2328 #b3201c #116329 #7a4e00 #0550ae #7a3ec2 #0b5f6b #57606a"),
    "dark": ("#0d1117", "#e6edf3", "#484f58 #ff7b72 #56d364 #e3b341 #79c0ff #d2a8ff #76e3ea #b1bac4"),
}
_WHITE_EDGE, _GREY_EDGE = 'stroke="rgba(255,255,255,0.35)"', 'stroke="#8b949e"'  # white is not seen on a light page
# Rich's own names a font on a server. A page that is read without a network must not ask for one.
_SVG = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<title>What grade prints on a submission that adds noise at the last step</title>
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; \
font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def printed() -> str:
    """Return what `grade` prints, with its colours."""
    command = [str(Path(sys.executable).with_name("grade")), *ARGUMENTS]
    done = subprocess.run(
        command, cwd=PROJECT, env=os.environ | SURROUNDINGS, stdout=subprocess.PIPE, text=True, check=False
    )
    return done.stdout


def picture(output: str, ground: str) -> str:
    """Return a picture of a terminal with this output, on a `light` or a `dark` ground."""
    console = Console(file=io.StringIO(), record=True, width=COLUMNS + 2, force_terminal=True, highlight=False)
    console.print(Text.from_ansi(f"$ {SHOWN}\n{output}".rstrip()))
    name = f"verdict-{ground}"
    drawn = console.export_svg(title="", theme=_theme(ground), code_format=_SVG, unique_id=name)
    return drawn.replace(_WHITE_EDGE, _GREY_EDGE)


def words(svg: str) -> str:
    """Return the text in a picture, line by line."""
    lines: dict[float, str] = {}
    for text in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"):
        content = "".join(text.itertext()).replace("\xa0", " ")
        column = round(float(text.attrib["x"]) / 12.2)
        lines[float(text.attrib["y"])] = lines.get(float(text.attrib["y"]), "").ljust(column) + content
    return "\n".join(lines[height].rstrip() for height in sorted(lines)).strip()


def file_of(ground: str) -> Path:
    """Return where a picture is kept."""
    return PICTURES / f"verdict-{ground}.svg"


def _theme(ground: str) -> TerminalTheme:
    background, foreground, colours = _OF_COLOURS[ground]
    return TerminalTheme(_rgb(background), _rgb(foreground), [_rgb(colour) for colour in colours.split()])


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = re.findall("..", colour[1:])
    return int(red, 16), int(green, 16), int(blue, 16)


def main() -> None:
    """Write both pictures."""
    output = printed()
    PICTURES.mkdir(exist_ok=True)
    for ground in _OF_COLOURS:
        file_of(ground).write_text(picture(output, ground), encoding="utf-8")


if __name__ == "__main__":
    main()
