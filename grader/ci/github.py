"""Writes what GitHub Actions shows of a run: annotations on lines, a summary, outputs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from grader.faults import writing
from grader.report.workflow_commands import Commands
from grader.sandbox.wire.frames import without_controls

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_OF_A_LEVEL = 10  # what GitHub shows of each level in a step
MOST_SUMMARY_BYTES = 1024 * 1024
_CUT = "\n\n(The rest of this summary is left out: GitHub shows one MiB.)\n"
_MOST_MESSAGE = 4_000  # GitHub cuts off after 4 KB

Level = Literal["error", "warning", "notice"]


class Annotation(NamedTuple):
    """A message on a line of a changed file; line 0 means the whole file, an empty path means the run."""

    level: Level
    title: str
    message: str
    path: str = ""
    line: int = 0


def commands(annotations: Sequence[Annotation]) -> Commands:
    """Return the workflow commands in the given order, the most useful first; the rest is only counted."""
    lines, shown = [], {"error": 0, "warning": 0, "notice": 0}
    for annotation in annotations:
        shown[annotation.level] += 1
        if shown[annotation.level] <= MOST_OF_A_LEVEL - (annotation.level == "notice"):
            lines.append(_command(annotation))
    left_out = sum(max(0, count - MOST_OF_A_LEVEL) for count in shown.values())
    if left_out:
        lines.append(_command(Annotation("notice", "More in the summary", f"{left_out} more are in the summary.")))
    return Commands("\n".join(lines))


def _command(annotation: Annotation) -> str:
    properties = {"file": annotation.path, "line": annotation.line or "", "title": annotation.title}
    given = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items() if value)
    return f"::{annotation.level} {given}::{_data(annotation.message[:_MOST_MESSAGE])}"


def _data(text: str) -> str:
    return without_controls(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def append_summary(markdown: str, environment: Mapping[str, str] = os.environ) -> None:
    """Append to the summary of the step, if this is a step of GitHub Actions."""
    if path := environment.get("GITHUB_STEP_SUMMARY"):
        with writing(Path(path), "set GITHUB_STEP_SUMMARY to a file that can."):
            room = MOST_SUMMARY_BYTES - (Path(path).stat().st_size if Path(path).exists() else 0)
            content = (markdown + "\n").encode()
            if len(content) > room:
                cut = content[: max(0, room - len(_CUT.encode()))].decode("utf-8", "ignore")
                content = (cut.rpartition("\n")[0] + _CUT).encode()[:room]
            with Path(path).open("ab") as file:
                file.write(content)


def append_outputs(values: Mapping[str, str], environment: Mapping[str, str] = os.environ) -> None:
    """Set outputs of the step, each on one line, if this is a step of GitHub Actions."""
    if path := environment.get("GITHUB_OUTPUT"):
        lines = [f"{name}={' '.join(value.split())}\n" for name, value in values.items()]
        remedy = "set GITHUB_OUTPUT to a file that can."
        with writing(Path(path), remedy), Path(path).open("a", encoding="utf-8") as file:
            file.writelines(lines)
