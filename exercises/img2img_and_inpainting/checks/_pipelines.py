"""Compares a whole run with one of diffusers' pipelines, and says where it goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exercises._shared._model import assert_same_latents
from exercises._shared._runs import saying_where
from grader.checks import assert_far

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.diffusion.stable_diffusion import StableDiffusion


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
