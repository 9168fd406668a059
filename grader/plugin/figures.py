"""Puts figures into the results of checks that failed, for whoever wants more than numbers."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import msgspec
from PIL import Image

from grader import faults
from grader.plugin.outcome import values_of
from grader.results import CheckResult, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import torch

    from grader.course.model import Exercise
    from grader.plugin.recorder import Example


def with_figures(
    results: Sequence[CheckResult],
    examples: Mapping[str, Example],
    exercise: Exercise,
) -> tuple[CheckResult, ...]:
    """Return the results with figures in the counterexamples of public checks, drawn from the examples' data.

    A hidden check's example stays hidden. What cannot be drawn stays as it is: a figure decides nothing.
    """
    decode = _decode(exercise)
    return tuple(
        _with_figures(result, examples[result.name], exercise, decode)
        if result.outcome is Outcome.FAILED and result.visibility == "public" and result.name in examples
        else result
        for result in results
    )


def _decode(exercise: Exercise) -> Callable[[torch.Tensor], Image.Image] | None:
    """Return what makes a picture of latents, None for an exercise without a model."""
    if not exercise.on_model:
        return None
    from grader.diffusion.stable_diffusion import stable_diffusion

    return stable_diffusion(course=exercise.root).decode


def _with_figures(
    result: CheckResult, example: Example, exercise: Exercise, decode: Callable[[torch.Tensor], Image.Image] | None
) -> CheckResult:
    calls = [call for call in example.calls if not call.question.call.reader]
    if result.counterexample is None or not calls:
        return result
    try:
        from grader.pictures.drawing import Shown, figures_of

        made: dict[str, Any] = {each.label: Image.open(io.BytesIO(each.png)) for each in result.counterexample.pictures}
        figures = figures_of(
            Shown(
                arguments=values_of(calls[-1], exercise),
                result=calls[-1].result,
                values=example.values,
                pictures=made,
                path=example.path,
                accepted=result.counterexample.tolerance or 1e-4,
                decode=decode,
            )
        )
    except Exception as error:
        faults.show(error)
        return result
    found = msgspec.structs.replace(result.counterexample, pictures=figures or result.counterexample.pictures)
    return msgspec.structs.replace(result, counterexample=found)
