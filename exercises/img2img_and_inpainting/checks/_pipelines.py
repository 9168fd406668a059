"""Compares a whole run with one of diffusers' pipelines, and says where it goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from exercises._shared._model import assert_same_latents
from exercises._shared._runs import saying_where
from grader.checks import assert_far

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.diffusion.stable_diffusion import StableDiffusion


class Case(NamedTuple):
    """A kind of scheduler, and the numbers of a run under it: a function that ignores one of them is found out."""

    kind: str
    strength: float
    num_inference_steps: int
    guidance_scale: float

    def numbers(self) -> dict[str, Any]:
        """Return the numbers as arguments of a run."""
        return {name: value for name, value in self._asdict().items() if name != "kind"}


# No two have a number in common, and each runs another number of steps: 3 of 6, 4 of 8, 2 of 3.
PUBLIC_CASES = (Case("ddim", 0.65, 6, 3.0), Case("dpm++", 0.5, 8, 1.5), Case("euler", 0.9, 3, 5.0))


def assert_run(
    submission: Any,
    sd: StableDiffusion,
    function: str,
    run: Mapping[str, Any],
    kind: str,
    sentence: str,
    oracle: tuple[str, Mapping[str, Any]] | None = None,
) -> None:
    """Raise `CheckFailure` unless the student's function gives, under a kind of scheduler, what an oracle gives.

    `oracle` is its name and what it is called with, by default those of the function itself.
    """
    __tracebackhide__ = True
    name, asked_with = oracle or (function, run)
    earlier = len(submission.aside.calls(sd.unet))
    actual = getattr(submission, function)(sd.unet, sd.scheduler(kind), **run)
    expected = getattr(sd, name)(**asked_with, kind=kind)
    assert_far(expected, run["z_0"], 0.01)  # otherwise this check proves nothing
    with saying_where(
        lambda: submission.aside.calls(sd.unet)[earlier:],
        lambda: sd.asked(name, **asked_with, kind=kind),
        {part: run[part] for part in ("z_0", "noise")},
        sd.tolerance(run),
    ):
        assert_same_latents(sd, actual, expected, sentence, run)


def text_to_image(run: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the oracle for a run at strength 1, in which nothing is left of the picture."""
    rest = {name: run[name] for name in ("num_inference_steps", "text_embeddings", "guidance_scale")}
    return "text_to_image", {"latents": run["noise"], **rest}
