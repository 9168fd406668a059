"""What an experiment on strengths returned, taken apart, and grids of strengths to run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from exercises._shared import _results
from exercises._shared._model import prompt_of
from grader.checks import CheckFailure, assert_like
from grader.checks.text import describe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

    from grader.diffusion.stable_diffusion import StableDiffusion

NAMES = ("steps", "start_timesteps", "latents", "distances")
# Of distances, each divided by the largest: rounding changes the mean of a few hundred numbers by 1e-6 at most.
DISTANCE_TOLERANCE = 1e-3
TIMESTEP_TOLERANCE = 1e-5  # by `distance`: of timesteps up to 999, a hundredth
LARGEST_LATENT = 1e6
GUIDANCE_SCALES = (3.0, 1.5, 6.0)


class Grid(NamedTuple):
    """The results of the experiment for k strengths: lists of k, and the latents `[k, 4, h, w]`."""

    steps: list[float]
    start_timesteps: list[float | None]
    latents: Tensor
    distances: list[float]


def task(
    sd: StableDiffusion, strengths: Sequence[float], num_inference_steps: int = 6, seed: int = 0, side: int = 8
) -> dict[str, Any]:
    """Return the arguments of an experiment, apart from U-Net and scheduler, on a part of a picture's latents."""
    run: dict[str, Any] = {"strengths": list(strengths), "num_inference_steps": num_inference_steps}
    for name, tensor in (("z_0", sd.latents(seed)), ("noise", sd.noise(seed + 1))):
        run[name] = tensor[..., :side, :side].clone()
    return run | prompt_of(sd, seed + 1) | {"guidance_scale": GUIDANCE_SCALES[seed % len(GUIDANCE_SCALES)]}


def grid_of(submission: Any, sd: StableDiffusion, run: Mapping[str, Any], kind: str = "ddim") -> Grid:
    """Run the student's experiment; return its results, or raise `CheckFailure` if they are not of the kind asked."""
    __tracebackhide__ = True
    found = _results.entries(submission.strength_grid(sd.unet, sd.scheduler(kind), **run), NAMES)
    z_0, count = run["z_0"], len(run["strengths"])
    starts = _results.listed(found["start_timesteps"], count, "result['start_timesteps']")
    latents = assert_like(found["latents"], z_0.new_empty(count, *z_0.shape[1:]), what="result['latents']")
    if float(latents.abs().max()) > LARGEST_LATENT:
        raise CheckFailure("result['latents'] must be latents; these are far too large.", actual=describe(latents))
    return Grid(
        _results.numbers(found["steps"], count, "result['steps']"),
        [
            None if start is None else _results.number(start, f"result['start_timesteps'][{place}]")
            for place, start in enumerate(starts)
        ],
        latents,
        _results.numbers(found["distances"], count, "result['distances']"),
    )


def pipelines(sd: StableDiffusion, run: Mapping[str, Any], strength: float, kind: str) -> Tensor:
    """Return what diffusers' own pipelines make of the picture at a strength that lets a step run."""
    rest = {name: run[name] for name in ("num_inference_steps", "text_embeddings", "guidance_scale")}
    if strength == 1:
        return sd.text_to_image(run["noise"], **rest, kind=kind)
    return sd.img2img(run["z_0"], run["noise"], strength, **rest, kind=kind)


def assert_starts(actual: Sequence[float | None], expected: Sequence[float | None], sentence: str) -> None:
    """Raise `CheckFailure` unless the same places are None, and the numbers in all others those expected."""
    __tracebackhide__ = True
    if [start is None for start in actual] != [start is None for start in expected]:
        raise CheckFailure(sentence, expected=describe(list(expected)), actual=describe(list(actual)))
    found, due = ([start for start in starts if start is not None] for starts in (actual, expected))
    _results.assert_numbers(found, due, sentence, tolerance=TIMESTEP_TOLERANCE)


def mean_distances(latents: Tensor, z_0: Tensor) -> list[float]:
    """Return how far each of some latents is from those of the picture, in float64."""
    means: list[float] = [float((each.double() - z_0[0].double()).abs().mean()) for each in latents]
    return means
