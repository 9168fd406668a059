"""Batches and losses of textual inversion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from exercises.textual_inversion.checks._embeddings import SECOND_TOKEN, TOKEN, _parts, input_ids, own_text_encoder
from grader.checks.assertions import CheckFailure, assert_close
from grader.checks.text import describe

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from grader.tinyworld.concepts import Example


WEAK_NOISE, STRONG_NOISE = (5, 60), (500, 1000)  # timesteps: a loss is large and tells mistakes; words decide
LOSS_TOLERANCE = 1e-5


def alphas_cumprod() -> torch.Tensor:
    """Return the model's own alpha-bar `[1000]`."""
    found: torch.Tensor = _parts().make_scheduler("ddim").alphas_cumprod
    return found


def examples(number: int, seed: int = 0, *, held_out: bool = False) -> tuple[Example, ...]:
    """Return pictures of the concept without a name, with captions that have a place for it."""
    from grader.tinyworld.concepts import concept_pictures

    return concept_pictures(number, seed, held_out=held_out).examples


def make_batch(
    shown: Sequence[Example],
    words: Iterable[str],
    generator: torch.Generator,
    timesteps: tuple[int, int] = (0, 1000),
) -> dict[str, torch.Tensor]:
    """Return a batch of examples, each told with its own word.

    Noise and timesteps, from the first of `timesteps` to before the second, come from the generator. The tokenizer
    knows `TOKEN` and `SECOND_TOKEN`.
    """
    from grader.checks.plain import pixels

    told = [example.told(word) for example, word in zip(shown, words, strict=True)]
    pictures = torch.stack([pixels(example.picture) for example in shown]).permute(0, 3, 1, 2).float() / 127.5 - 1
    side = _parts().load().unet.config.sample_size
    return {
        "pixel_values": pictures,
        "input_ids": input_ids(told, TOKEN, SECOND_TOKEN),
        "noise": torch.randn(len(shown), 4, side, side, generator=generator),
        "timesteps": torch.randint(*timesteps, (len(shown),), generator=generator),
    }


def small_batches(
    number: int,
    seed: int = 0,
    size: int = 2,
    words: Sequence[str] = (TOKEN,),
    timesteps: tuple[int, int] = (0, 1000),
) -> list[dict[str, torch.Tensor]]:
    """Return a few batches of two pictures of the concept; the words take turns."""
    generator = torch.Generator().manual_seed(seed)
    shown = examples(number * size, seed)
    turns = [words[turn % len(words)] for turn in range(number * size)]
    return [
        make_batch(shown[first : first + size], turns[first : first + size], generator, timesteps)
        for first in range(0, number * size, size)
    ]


@torch.no_grad()
def noise_loss(batch: Mapping[str, torch.Tensor], table: torch.Tensor) -> float:
    """Return the training loss of a batch with that table: the mean square of what is wrong with the noise.

    It is computed by diffusers' own `add_noise`.
    """
    model, scheduler = _parts().load(), _parts().make_scheduler("ddim")
    latents = model.vae.encode(batch["pixel_values"]).latent_dist.mode() * model.vae.config.scaling_factor
    noisy = scheduler.add_noise(latents, batch["noise"], batch["timesteps"])
    told = own_text_encoder(table)(batch["input_ids"]).last_hidden_state
    found = model.unet(noisy, batch["timesteps"], encoder_hidden_states=told).sample
    return float((found - batch["noise"]).double().square().mean())


def assert_losses(actual: object, count: int) -> list[float]:
    """Return the losses as floats, or raise `CheckFailure` unless they are a list of so many numbers."""
    __tracebackhide__ = True
    due = f"a list of {count} floats, one for each batch"
    if type(actual) is not list or len(actual) != count or not all(_is_number(loss) for loss in actual):
        found = "None" if actual is None else describe(actual)
        raise CheckFailure(f"train_embedding must return {due}.", expected=due, actual=found)
    return [float(loss) for loss in actual]


def assert_loss(actual: float, expected: float, sentence: str) -> None:
    """Raise `CheckFailure` unless two losses are equal within rounding."""
    __tracebackhide__ = True
    found = torch.tensor(actual, dtype=torch.float64)
    assert_close(found, torch.tensor(expected, dtype=torch.float64), sentence, tolerance=LOSS_TOLERANCE)


def _is_number(value: object) -> bool:
    if isinstance(value, torch.Tensor):
        return value.ndim == 0 and value.is_floating_point()
    return isinstance(value, float)  # which NumPy's double precision numbers are
