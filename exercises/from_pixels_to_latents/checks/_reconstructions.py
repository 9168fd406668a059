"""What an experiment on the autoencoder returned, taken apart, and pictures to send through it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from exercises._shared import _results
from exercises._shared._training import pixel_values
from exercises.from_pixels_to_latents.checks._latents import picture_of
from grader.checks import CheckFailure, assert_like
from grader.errors import GraderError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from grader.diffusion.stable_diffusion import StableDiffusion
    from grader.sandbox.wire.handles import Handle

NAMES = ("latents", "decoded", "absolute_errors", "squared_errors", "psnr", "latent_errors")
EMERALD = (-1.0, 1.0, 0.0)  # of which the tiny model's decoder makes numbers below -1
LEAST_OUTSIDE = 0.03  # share of the numbers that are decoded to more than 1 or less than -1, where that is under test
LARGEST_LATENT, LARGEST_PIXEL = 1e3, 10.0  # what is larger is not sent through the networks
LEAST_ERROR = 1e-6  # of pictures and latents that have been through the autoencoder: measured, 1e-3 and more
# Of decoded numbers. Measured: the same in other styles differs by up to 1e-6; rounding to levels makes it 4e-3.
DECODED_TOLERANCE = 2e-4
# Of errors of pixels, each divided by the right one. Measured: up to 2e-7 in other styles; known mistakes start at 0.2.
PIXEL_TOLERANCE = 2e-4
# Of errors of latents, in the same way: 6e-7 in other styles; known mistakes start at 0.7. The latents themselves may
# differ by 2e-5 elsewhere (see `TOLERANCE` of `_latents`), and the smallest errors are 0.02.
LATENT_TOLERANCE = 2e-3


class Reconstruction(NamedTuple):
    """The results of the experiment for B pictures: `[B, 4, h, w]`, `[B, 3, H, W]`, and four lists of B."""

    latents: Tensor
    decoded: Tensor
    absolute_errors: list[float]
    squared_errors: list[float]
    psnr: list[float]
    latent_errors: list[float]


def reconstruction_of(submission: Any, sd: StableDiffusion, vae: Handle, image: Tensor) -> Reconstruction:
    """Run the student's experiment; return its results, or raise `CheckFailure` if they are not of the kind asked."""
    __tracebackhide__ = True
    found = _results.entries(submission.reconstruction_error(vae, image), NAMES)
    batch, _, height, width = image.shape
    places = image.new_empty(batch, sd.latent_shape[0], height // sd.scale_factor, width // sd.scale_factor)
    return Reconstruction(
        assert_like(found["latents"], places, what="result['latents']"),
        assert_like(found["decoded"], image, what="result['decoded']", like="image"),
        *(_results.numbers(found[name], batch, f"result['{name}']") for name in NAMES[2:]),
    )


def three_pictures(sd: StableDiffusion, rows: int = 6, columns: int = 8, seed: int = 1) -> Tensor:
    """Return three pictures `[3, 3, H, W]` of so many latent places: two drawn ones, and between them a plain one.

    With seed 1, decoding leaves [-1, 1] on both sides.
    """
    first, last = (pixel_values(picture_of(sd, rows, columns, each)) for each in (seed, seed + 1))
    plain = torch.tensor(EMERALD)[None, :, None, None].expand_as(first)
    return torch.cat([first, plain, last])


def checkerboard(rows: int, columns: int) -> Tensor:
    """Return a picture `[1, 3, rows, columns]` whose pixels are black and white in turn, along rows and columns."""
    places = torch.arange(rows)[:, None] + torch.arange(columns)
    return (places % 2 * 2.0 - 1).expand(1, 3, rows, columns).contiguous()


@torch.no_grad()
def encoded_again(image: Tensor, what: str = "decoded") -> Tensor:
    """Return the latents of pictures, not scaled, or raise `CheckFailure` if these are no pictures."""
    __tracebackhide__ = True
    _refuse_beyond(LARGEST_PIXEL, image, f"result['{what}'] must be from -1 to 1.")
    latents: Tensor = _vae().encode(image).latent_dist.mode()
    return latents


@torch.no_grad()
def decoded_again(latents: Tensor) -> Tensor:
    """Return what the decoder makes of latents that are not scaled, or raise `CheckFailure` if they are too large."""
    __tracebackhide__ = True
    sentence = "result['latents'] must be the encoder's, times the scaling factor; these are far too large."
    _refuse_beyond(LARGEST_LATENT, latents, sentence)
    decoded: Tensor = _vae().decode(latents).sample
    return decoded


def assert_out_of_range(decoded: Tensor) -> None:
    """Raise `GraderError` unless enough numbers lie below -1 and above 1, so that cutting off shows."""
    low, high = float((decoded < -1).float().mean()), float((decoded > 1).float().mean())
    if min(low, high) < LEAST_OUTSIDE:
        raise GraderError(f"This check proves nothing: {low:.1%} are below -1 and {high:.1%} above 1. Take others.")


def mean_of_each(numbers: Tensor) -> list[float]:
    """Return the mean of each item of a batch, in float64."""
    means: list[float] = [float(item.double().mean()) for item in numbers]
    return means


def errors_of_pixels(found: Reconstruction, image: Tensor) -> Tensor:
    """Return how far the returned pictures are off `[B, 3, H, W]`, or raise `CheckFailure` if one is not off at all."""
    __tracebackhide__ = True
    errors = found.decoded.double() / 2 - image.double() / 2
    if not min(mean_of_each(errors.abs())) > LEAST_ERROR:
        raise CheckFailure("result['decoded'] must have been through the autoencoder; it is the picture itself.")
    return errors


def assert_ratios(actual: Sequence[float], expected: Sequence[float], sentence: str, *, tolerance: float) -> None:
    """Raise `CheckFailure` unless each number is the expected one, compared by what one is divided by the other."""
    __tracebackhide__ = True
    ratios = [one / other for one, other in zip(actual, expected, strict=True)]
    sentence = f"{sentence} Compared here are your numbers, each divided by the right one."
    _results.assert_numbers(ratios, [1.0] * len(ratios), sentence, tolerance=tolerance)


def _refuse_beyond(largest: float, numbers: Tensor, sentence: str) -> None:
    """Raise `CheckFailure` if a number is so large that a network would answer with infinity."""
    __tracebackhide__ = True
    found = float(numbers.abs().max())
    if found > largest:
        raise CheckFailure(sentence, expected=f"numbers up to {largest:g}", actual=f"numbers up to {found:g}")


def _vae() -> Any:
    from grader.diffusion.loading import load  # here: exercises on tensors need not wait for diffusers

    return load().vae
