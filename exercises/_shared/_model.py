"""What checks on the model share: prompts, comparisons of latents, and the calls a U-Net saw."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import torch

from grader.checks.assertions import CheckFailure, assert_close
from grader.checks.text import describe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from grader.diffusion.stable_diffusion import StableDiffusion


PROMPTS = (
    "a red circle on white",
    "a blue square on the left on sand",
    "a big yellow star at night",
    "a small green triangle at the top on gray",
)


def prompt_of(sd: StableDiffusion, seed: int = 0) -> dict[str, Any]:
    """Return one of a few prompts as the arguments `text_embeddings` and `guidance_scale`."""
    return sd.prompt(PROMPTS[seed % len(PROMPTS)])


def asked_timesteps(calls: Sequence[dict[str, Any]]) -> list[float]:
    """Return the timesteps that a U-Net was asked for, in order.

    Two calls in a row for the same timestep count once: the two halves of guidance may be asked one by one. A
    timestep given as a tensor with one number for each picture counts as that number.
    """
    asked: list[float] = []
    for call in calls:
        timestep = call.get("timestep")
        while isinstance(timestep, list) and timestep and timestep.count(timestep[0]) == len(timestep):
            timestep = timestep[0]
        if not isinstance(timestep, int | float):
            raise CheckFailure(
                "The U-Net must be asked for one timestep at a time: a number, or the same number for every picture.",
                actual=describe(timestep),
            )
        if not asked or asked[-1] != timestep:
            asked.append(float(timestep))
    return asked


def assert_rising(numbers: Sequence[float], sentence: str) -> None:
    """Raise `CheckFailure` unless every number is greater than the one before it."""
    __tracebackhide__ = True
    if not all(later > earlier for earlier, later in pairwise(numbers)):  # False for NaN
        raise CheckFailure(sentence, expected="numbers that rise", actual=describe([round(n, 6) for n in numbers]))


def assert_same_latents(
    sd: StableDiffusion, actual: object, expected: torch.Tensor, sentence: str, run: Mapping[str, Any]
) -> None:
    """Raise `CheckFailure`, which shows both as pictures, unless latents are those expected.

    They are compared by `assert_close` within the tolerance of a run with these arguments.
    """
    __tracebackhide__ = True
    with showing_latents(sd, actual, expected):
        assert_close(actual, expected, sentence, tolerance=sd.tolerance(run), like="z_0")


@contextmanager
def showing_latents(sd: StableDiffusion, actual: object, expected: torch.Tensor) -> Iterator[None]:
    """Add to a `CheckFailure` about values both latents as pictures."""
    try:
        yield
    except CheckFailure as failure:
        if failure.difference is not None and isinstance(actual, torch.Tensor):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about numbers that do not form a picture
                failure.pictures = {"expected": sd.decode(expected), "yours": sd.decode(actual.detach())}
        raise


def half_mask(sd: StableDiffusion) -> torch.Tensor:
    """Return a mask `[1, 1, h, w]` of ones in the right half and zeros in the left."""
    mask = torch.zeros(1, 1, *sd.latent_shape[1:])
    mask[..., mask.shape[-1] // 2 :] = 1
    return mask
