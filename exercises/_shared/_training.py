"""What checks of training share: batches and schedules, losses, and weights that must stay as they are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch

from grader.checks.assertions import CheckFailure, assert_close, assert_equal
from grader.checks.images import pixels
from grader.checks.text import describe, describe_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from PIL import Image

Batch = dict[str, torch.Tensor]


def pixel_values(*pictures: Image.Image) -> torch.Tensor:
    """Return RGB pictures of one size as a batch `[B, 3, H, W]` in [-1, 1]."""
    return torch.stack([pixels(picture).permute(2, 0, 1) for picture in pictures]).float() / 127.5 - 1


def input_ids(texts: Sequence[str], tokenizer: Any = None) -> torch.Tensor:
    """Return the ids `[len(texts), L]` of texts, padded to the text encoder's length; by default of the model's."""
    from grader.diffusion.loading import load  # here: exercises on tensors need not wait for diffusers

    tokenizer = load().tokenizer if tokenizer is None else tokenizer
    length = tokenizer.model_max_length
    ids = tokenizer(list(texts), padding="max_length", max_length=length, truncation=True, return_tensors="pt")
    return torch.as_tensor(ids.input_ids)


def alphas_cumprod() -> torch.Tensor:
    """Return the alpha-bars `[1000]` that the tiny model was trained with."""
    from grader.diffusion.loading import make_scheduler

    return torch.as_tensor(make_scheduler("ddim").alphas_cumprod).clone()


def make_batch(
    pictures: Sequence[Image.Image],
    ids: torch.Tensor,
    generator: torch.Generator,
    timesteps: tuple[int, int] = (0, 1000),
) -> Batch:
    """Return a training batch of pictures and the `ids` `[B, L]` of their captions.

    Noise, and timesteps from the first of `timesteps` to before the second, come from the generator.
    """
    from grader.diffusion.loading import load

    loaded = load()
    scale_factor = 2 ** (len(loaded.vae.config.block_out_channels) - 1)
    width, height = (side // scale_factor for side in pictures[0].size)
    shape = (len(pictures), loaded.unet.config.in_channels, height, width)
    return {
        "pixel_values": pixel_values(*pictures),
        "input_ids": ids,
        "noise": torch.randn(shape, generator=generator),
        "timesteps": torch.randint(*timesteps, (len(pictures),), generator=generator),
    }


# --- losses ------------------------------------------------------------------------------------------------------


def assert_loss(actual: float, expected: float, sentence: str, tolerance: float) -> None:
    """Raise `CheckFailure` unless two losses are equal within the tolerance."""
    __tracebackhide__ = True
    found, due = (torch.tensor(loss, dtype=torch.float64) for loss in (actual, expected))
    assert_close(found, due, sentence, tolerance=tolerance)


def assert_losses(actual: object, number: int) -> list[float]:
    """Return a list of `number` finite floats as it is, or raise `CheckFailure`."""
    __tracebackhide__ = True
    due = f"a list of {number} floats, one for each batch"
    if type(actual) is not list:
        found = "None" if actual is None else f"of type {describe_type(actual)}"
        raise CheckFailure(f"The result is {found}; it must be {due}.", expected=due, actual=describe(actual))
    if len(actual) != number:
        raise CheckFailure(f"The list holds {len(actual)} losses; it must be {due}.", expected=due)
    for index, loss in enumerate(actual):
        if not isinstance(loss, float):  # NumPy's double precision numbers are floats
            hint = " `loss.item()` is its number." if isinstance(loss, torch.Tensor) else ""
            found = f"Loss {index} is of type {describe_type(loss)}; it must be a float.{hint}"
            raise CheckFailure(found, expected=due, actual=describe(actual))
        if not math.isfinite(loss):
            raise CheckFailure(f"Loss {index} is {loss}.", expected=due)
    return actual


# --- weights -----------------------------------------------------------------------------------------------------


def assert_same_weights(
    actual: Mapping[str, torch.Tensor], expected: Mapping[str, torch.Tensor], owner: str, but: Iterable[str] = ()
) -> None:
    """Raise `CheckFailure` unless all weights are there and equal to the bit, apart from those named in `but`."""
    __tracebackhide__ = True
    if actual.keys() != expected.keys():
        odd = min(actual.keys() ^ expected.keys())
        how = "gone" if odd in expected else "new"
        raise CheckFailure(f"The weights of {owner} must keep their names: `{odd}` is {how}.")
    left_out = set(but)
    for name, value in expected.items():
        if name not in left_out:
            sentence = f"The weights of {owner} must stay as they are, to the bit: `{name}` has changed."
            assert_equal(actual[name], value, sentence, what=f"`{name}` of {owner}")
