"""Shows small pictures on a terminal, by the best means that it has; where it has none, says where they are."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image
    from rich.console import Console, ConsoleOptions, RenderResult

    from grader.results import Picture

MOST_ROWS = 12  # of a terminal, for pictures
_SHARE_OF_SCREEN = 4  # a quarter
_GAP = 8  # pixels between pictures
_SIDE = 96  # pixels: what a picture is enlarged to, so that its own pixels stay square


class TerminalPictures:
    """Pictures side by side, with their names above."""

    def __init__(self, pictures: Sequence[Picture]) -> None:
        self._pictures = [picture for picture in pictures if not picture.description]  # figures are for pages

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw nothing into files: a page shows them."""
        if not self._pictures or not console.is_terminal:
            return
        sheet = _side_by_side([_opened(picture) for picture in self._pictures])
        names = ", ".join(picture.label for picture in self._pictures)
        kind = _kind(console)
        if kind is None:
            yield Text(f"pictures ({names}): {_file(sheet)}", "dim")
            return
        rows = max(4, min(MOST_ROWS, console.height // _SHARE_OF_SCREEN))
        columns = min(options.max_width, round(2 * rows * sheet.width / sheet.height))
        yield Text(f"pictures, from the left: {names}", "dim")
        yield kind(sheet, width=columns, height=rows)


def _kind(console: Console) -> Any:
    """Return what draws on this terminal: kitty's protocol, sixel or half blocks; None if it cannot."""
    if console.no_color or console.color_system in (None, "standard") or os.environ.get("TERM") in ("dumb", "linux"):
        return None
    if importlib.util.find_spec("textual_image") is None or sys.__stdout__ is None or not sys.__stdout__.isatty():
        return None
    from textual_image.renderable import Image  # asks the terminal what it can show

    return Image


def _opened(picture: Picture) -> Image:
    from PIL import Image

    image = Image.open(io.BytesIO(picture.png)).convert("RGB")
    scale = max(1, _SIDE // max(image.size))
    return image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST)


def _side_by_side(images: Sequence[Image]) -> Image:
    from PIL import Image

    width = sum(image.width for image in images) + _GAP * (len(images) - 1)
    sheet = Image.new("RGB", (width, max(image.height for image in images)))
    at = 0
    for image in images:
        sheet.paste(image, (at, 0))
        at += image.width + _GAP
    return sheet


def _file(sheet: Image) -> Path:
    """Write a picture into a folder of this user's own, under a name made of its content."""
    folder = Path(tempfile.gettempdir()) / f"grade-pictures-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():  # somebody else's folder, perhaps with links in it
        folder = Path(tempfile.mkdtemp(prefix="grade-pictures-"))
    file = io.BytesIO()
    sheet.save(file, "png")
    path = folder / f"{hashlib.sha256(file.getvalue()).hexdigest()[:12]}.png"
    path.write_bytes(file.getvalue())
    return path
