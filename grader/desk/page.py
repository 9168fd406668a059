"""Shows a verdict as a page in a browser."""

from __future__ import annotations

import os
import sys
import webbrowser
from typing import TYPE_CHECKING

from grader.desk.progress_file import own_folder
from grader.faults import writing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def page_of(root: Path) -> Path:
    """Return where the page of a course copy's last verdict lies; raise `UsageError` if it cannot lie there."""
    with writing(root, "allow it to be written, or name a file with -o."):
        return own_folder(root) / "report.html"


def show_page(path: Path, environment: Mapping[str, str] = os.environ) -> str:
    """Open a page in a browser, and return a sentence on where it is."""
    place = path.absolute()
    if _has_a_browser(environment) and webbrowser.open(place.as_uri()):
        return f"The report is open in your browser: {place}"
    return f"The report is {place}: open it in a browser."


def _has_a_browser(environment: Mapping[str, str]) -> bool:
    """Tell whether a window may open; without one, a browser for terminals would take this one over."""
    names = ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")
    return sys.platform in ("darwin", "win32") or any(environment.get(name) for name in names)
