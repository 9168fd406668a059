"""Measures tolerances on a device, and writes the table that `grade --tier gpu` reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.authoring import calibrate
from grader.diffusion import tolerances
from grader.report.progress import progress

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from grader.course.model import Exercise
    from grader.diffusion.choice import Choice
    from grader.report.output import Output


def measure_tolerances(
    exercises: Sequence[Exercise],
    model: Choice,
    known: tolerances.Table,
    output: Output,
    *,
    log: Path | None = None,
    steps: Sequence[int] | None = None,
    seeds: int = 3,
) -> calibrate.Measured:
    """Measure on the model's device, and write the known table with the new rows, if nothing raised.

    Until then, what is measured is kept in the file `log`: after an interruption, the rest is measured. `steps` are
    numbers of denoising steps (`calibrate.STEPS` for None), `seeds` the number of pictures and prompts.
    """
    trials = calibrate.trials(exercises, steps or calibrate.STEPS, seeds)
    with progress(len(trials), time_left=True) as finished:
        measured = calibrate.measure(model, trials, finished, log=log)
    if measured.is_whole:
        output.write(tolerances.to_json(known.with_rows(measured.rows)).removesuffix("\n"))
        if log is not None:
            log.unlink(missing_ok=True)
    return measured
