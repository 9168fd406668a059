"""Grades the bundled sample submissions and shows each verdict as its author would see it, then a table of all."""

from __future__ import annotations

import sys
import time
import tomllib
from pathlib import Path

from rich.table import Table
from rich.text import Text

from grader.course.finding import find_course
from grader.grading import Grader
from grader.report.console import console
from grader.report.formats import terminal
from grader.sandbox.outside.server import ForkServer, Isolation
from grader.submission.reading import read_submission

PROJECT = Path(__file__).parents[1]
SAMPLES = sorted((PROJECT / "tests" / "submissions" / "honest").iterdir())


def main() -> None:
    """Grade every sample with one warm fork server."""
    page = console(sys.stdout)
    course = find_course(PROJECT)
    overview = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("sample submission", "exercises", "points", "verdict", "known mistakes", "seconds"):
        overview.add_column(heading, justify="right" if heading in ("points", "seconds") else "left")
    with ForkServer(Isolation.AUTO) as server:
        grader = Grader(course, server)
        for sample in SAMPLES:
            expected = tomllib.loads((sample / "expected.toml").read_text(encoding="utf-8"))
            path = sample / "work" if (sample / "work").is_dir() else sample / "submission.py"
            started = time.perf_counter()
            verdict = grader.grade(read_submission(path), course.select(expected["exercises"]))
            seconds = time.perf_counter() - started
            page.rule(f"{sample.name}: {path.relative_to(PROJECT)}", style="dim")
            page.print(terminal.verdict(verdict))
            mistakes = dict.fromkeys(d.variant for e in verdict.exercises for c in e.checks for d in c.diagnosis)
            overview.add_row(
                sample.name,
                str(len(verdict.exercises)),
                f"{verdict.points:g} of {verdict.max_points:g}",
                Text(verdict.outcome, "green" if verdict.outcome == "passed" else "red"),
                ", ".join(mistakes),
                f"{seconds:.2f}",
            )
    page.rule("all of them", style="dim")
    page.print(overview)


if __name__ == "__main__":
    main()
