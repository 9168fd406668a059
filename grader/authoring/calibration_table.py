"""Draws what calibration measured."""

from __future__ import annotations

import resource
import sys
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import torch
from rich.console import Group
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import RenderableType

    from grader.authoring.calibrate import Case, Measured


def table(measured: Measured, path: Path) -> RenderableType:
    """Return what was measured: a line for what becomes a row, one for every solution, and one for what raised."""
    rows, cases, raised = measured
    summary = Table(box=None, pad_edge=False, padding=(0, 2), header_style="dim")
    for title in ("device", "dtype", "quantity"):
        summary.add_column(title)
    for title in ("steps", "cases", "right up to", "tolerance", "mistakes from", "margin"):
        summary.add_column(title, justify="right")
    for row in rows:
        numbers = (row.steps, row.cases, f"{row.right:.2g}", f"{row.tolerance:.2g}", f"{row.wrong:.2g}")
        summary.add_row(row.device, row.dtype, row.quantity, *map(str, numbers), f"{row.margin:.2g}")
    each = Table(box=None, pad_edge=False, padding=(0, 2), header_style="dim")
    for title in ("exercise", "solution", "steps", "distance", "seconds"):
        each.add_column(title, justify="left" if title in ("exercise", "solution") else "right")
    for key, (largest, seconds) in _by_solution(cases).items():
        each.add_row(key[0], key[1], str(key[2]), f"{largest:.2g}", f"{seconds:.1f}")
    lines: list[RenderableType] = [each, Text(), summary]
    if peak := _peak_gibibytes():
        lines.append(Text(f"Most memory: {peak}.", "dim"))
    for row in rows:
        if row.untold:
            about = f"{row.quantity} after {row.steps} steps" if row.steps else row.quantity
            names = ", ".join(name.replace("wrong/", "") for name in row.untold)
            lines.append(Text(f"Too close to right to be distinguished in {about}: {names}.", "yellow"))
    for (exercise, solution, error), count in Counter(
        (r.trial.exercise.name, r.solution, r.error) for r in raised
    ).items():
        times = f" ({count} times)" if count > 1 else ""
        lines.append(Text(f"{exercise}: {solution} raised {error}{times}.", "yellow"))
    if measured.is_whole:
        lines.append(Text(f"Written: {path}", "dim"))
    else:
        lines.append(
            Text(f"Not written: {path}. A right solution raised an error: correct it and measure again.", "red")
        )
    return Group(*lines)


def _by_solution(cases: Sequence[Case]) -> dict[tuple[str, str, int], tuple[float, float]]:
    """Return, by exercise, solution and steps, the largest distance and the mean of the seconds."""
    found: dict[tuple[str, str, int], list[Case]] = defaultdict(list)
    for case in cases:
        found[case.trial.exercise.name, case.solution, case.steps].append(case)
    return {
        key: (max(case.distance for case in same), sum(case.seconds for case in same) / len(same))
        for key, same in found.items()
    }


def _peak_gibibytes() -> str:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    told = [f"{peak / 2**30:.1f} GiB"]
    if torch.cuda.is_available():
        told.append(f"{torch.cuda.max_memory_allocated() / 2**30:.1f} GiB on the GPU")
    return ", ".join(told)
