"""What stands beside submissions to this project's own course: its workbench, without and with the tiny model."""

from pathlib import Path

from grader.course.sources import WORKBENCH
from grader.sandbox.outside.workbench_file import source_of
from grader.sandbox.wire.messages import Equipment, Source

_PROJECT = Path(__file__).parents[2]
BENCH = Equipment(source_of(_PROJECT, _PROJECT / "exercises" / WORKBENCH))
WITH_MODEL = Equipment(BENCH.workbench, model={})


def bench_of(*lines: str, value: str = "Workbench()") -> Equipment:
    """Return a workbench whose source text is these lines, and then its one value."""
    text = "\n".join(["from grader.sandbox.workbench import Reader, Workbench", *lines, f"WORKBENCH = {value}", ""])
    return Equipment(Source(text, "a workbench of a test"))
