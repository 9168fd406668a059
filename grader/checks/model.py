"""The tolerance of equal runs on the model in use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.checks.plain import LEVELS, WHITE
from grader.diffusion.tolerances import table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.diffusion.stable_diffusion import StableDiffusion
    from grader.diffusion.tolerances import Quantity

# Of latents after a whole loop, by `distance`. Measured: equal loops in other styles (the two halves in one pass or in
# two, another order of sums) differ by up to 7e-6 on one machine; known mistakes start at 9e-3.
TOLERANCE = 5e-4
TOLERANCES: dict[Quantity, float] = {"latents": TOLERANCE, "encoded": 1e-4, "picture": LEVELS / WHITE}
_course = [Path()]  # whose tolerances hold; the judge says so


def tolerances_of(course: Path) -> None:
    """Use a course's own table of tolerances for models other than the tiny one."""
    _course[0] = course


def tolerance_of(sd: StableDiffusion, run: Mapping[str, Any], quantity: Quantity = "latents") -> float:
    """Return how far a right result may be from the pipeline's, by `distance`; a picture counts from 0 to 1.

    `run` are the arguments of the call, of which the number of steps counts. For the tiny model it is the number in
    `TOLERANCES`, for a real one the number that was measured on its device and in its dtype.
    """
    chosen = sd.choice
    if chosen.is_tiny:
        return TOLERANCES[quantity]
    return table(_course[0]).tolerance(chosen.device, chosen.dtype, quantity, run.get("num_inference_steps", 0))
