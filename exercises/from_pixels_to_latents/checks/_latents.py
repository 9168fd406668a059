"""What the checks of the lesson on latents share: drawn latents, and autoencoder and loss as the judge has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from hypothesis import strategies as st

from exercises._shared._schedules import make_alphas_cumprod
from exercises._shared._training import pixel_values
from grader.checks.assertions import CheckFailure
from grader.checks.images import assert_picture, pixels
from grader.checks.strategies import dtypes, random_tensors, seeds
from grader.errors import GraderError
from grader.sandbox.wire.handles import Handle

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PIL import Image
    from torch import Tensor

    from grader.diffusion.stable_diffusion import StableDiffusion


LEAST_SPREAD = 0.5
# Of latents and losses, by `distance`. Measured: the same computation in other styles differs by up to 2e-5, where
# pixels are prepared in another order; known mistakes start at 9e-4.
TOLERANCE = 1e-4
# Of gradients, each relative to the largest of its own parameter. Measured: up to 4e-6 in other styles; known mistakes
# start at 2e-2.
GRADIENT_TOLERANCE = 1e-3
# Measured on 100 pictures: 0.7 to 6.4 of 255 levels; latents that are not divided by the factor lose 11 to 16.
MOST_LOST = 9.0
LEAST_OUTSIDE = 0.01  # share of the numbers that must lie out of range where cutting them off is under test


@st.composite
def varied_latents(draw: st.DrawFn, *, longest_side: int = 4, most_channels: int = 4) -> torch.Tensor:
    """Draw latents `[1, C, h, w]`, float32 or float64, two places or more, each channel with another range.

    In each channel the largest number is `LEAST_SPREAD` or more above the next, in another place every time.
    """
    channels, height = draw(st.integers(1, most_channels)), draw(st.integers(1, longest_side))
    width = draw(st.integers(2 if height == 1 else 1, longest_side))
    dtype, seed = draw(dtypes()), draw(seeds())
    (latents,) = random_tensors(1, (1, channels, height, width), torch.float64, seed)
    for index in range(channels):
        channel = latents[0, index]
        channel *= index + 1
        channel += seed % 7 - 3
        channel.view(-1)[(seed + index) % channel.numel()] = channel.max() + LEAST_SPREAD
    return latents.to(dtype)


def vae_scaled_by(scaling_factor: float) -> Handle:
    """Return the handle of an autoencoder whose config has that scaling factor."""
    return Handle("vae", {"scaling_factor": scaling_factor})


def picture_of(sd: StableDiffusion, rows: int, columns: int, seed: int = 0) -> Image.Image:
    """Return a drawn picture, stretched to that number of rows and columns of latent places."""
    return sd.picture(seed=seed).resize((columns * sd.scale_factor, rows * sd.scale_factor))


def encoded(sd: StableDiffusion, picture: Image.Image, scaling_factor: float | None = None) -> Tensor:
    """Return what the pipeline makes of a picture, under another scaling factor if one is given."""
    latents = sd.encode(picture.convert("RGB"))
    return latents if scaling_factor is None else latents / own_scaling_factor() * scaling_factor


def decoded(sd: StableDiffusion, latents: Tensor, scaling_factor: float | None = None) -> Image.Image:
    """Return the pipeline's picture of scaled latents, under another scaling factor if one is given."""
    return sd.decode(latents if scaling_factor is None else latents / scaling_factor * own_scaling_factor())


def own_scaling_factor() -> float:
    """Return the scaling factor that the model's own autoencoder has."""
    return float(_parts().vae.config.scaling_factor)


def assert_looks_like(actual: object, expected: Image.Image, sentence: str) -> None:
    """Raise `CheckFailure` unless `actual` is an RGB PIL image that is `expected` as an autoencoder sees it.

    The mean difference may be up to `MOST_LOST` of 255 levels.
    """
    __tracebackhide__ = True
    found = assert_picture(actual, width=expected.width, height=expected.height)
    lost = float((found.double() - pixels(expected).double()).abs().mean())
    if lost > MOST_LOST:
        raise CheckFailure(
            sentence,
            expected=f"a mean difference of up to {MOST_LOST:g} of 255 levels",
            actual=f"a mean difference of {lost:.1f}",
        )


def assert_out_of_range(latents: Tensor) -> None:
    """Raise `GraderError` unless decoding leaves [-1, 1] on both sides, so that cutting off shows."""
    __tracebackhide__ = True
    with torch.no_grad():
        values = _parts().vae.decode(latents / own_scaling_factor()).sample
    low, high = float((values < -1).float().mean()), float((values > 1).float().mean())
    if min(low, high) < LEAST_OUTSIDE:
        raise GraderError(
            f"This check proves nothing: {low:.1%} of the decoded numbers lie below -1 and {high:.1%} above 1. "
            "Choose larger latents."
        )


def training_step(sd: StableDiffusion, timesteps: Sequence[int] = (800, 150), seed: int = 0) -> dict[str, Any]:
    """Return the arguments of a training step, apart from U-Net and autoencoder: as many pictures as timesteps."""
    told = ["a red circle on white", "a blue square on the left", "a big yellow star at night"]
    return {
        "image": pixel_values(*(sd.picture(seed=seed + number) for number in range(len(timesteps)))),
        "noise": sd.noise(seed + 10, batch=len(timesteps)),
        "timesteps": torch.tensor(timesteps),
        "text_embeddings": sd.embed(told[: len(timesteps)]),
        "alphas_cumprod": make_alphas_cumprod("scaled_linear", 1000).float(),
    }


def assert_gradients(actual: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    """Raise `CheckFailure` unless the U-Net's gradients are those expected, within `GRADIENT_TOLERANCE`."""
    from grader.checks import assert_close

    __tracebackhide__ = True
    for name, due in expected.items():
        gradient = actual.get(name)
        if gradient is None:
            raise CheckFailure(f"After loss.backward() the U-Net's parameter {name} has no gradient.")
        scale = float(due.abs().max())
        sentence = f"The gradient in the U-Net's {name} must be that of the loss (both divided by {scale:.2g})."
        assert_close(gradient.double() / scale, due.double() / scale, sentence, tolerance=GRADIENT_TOLERANCE)


def _parts() -> Any:
    from grader.diffusion.loading import load  # here: exercises on tensors need not wait for diffusers

    return load()
