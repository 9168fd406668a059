"""Pictures of a concept without a name, described with a new word, and batches of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from exercises._shared import _training
from exercises.textual_inversion.checks._embeddings import TOKEN, TOKENS, input_ids, own_text_encoder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from grader.tinyworld.concepts import Example

WEAK_NOISE, STRONG_NOISE = (5, 60), (500, 1000)  # timesteps: a loss is large and tells mistakes; words decide
LOSS_TOLERANCE = 1e-5


def examples(number: int, seed: int = 0, *, held_out: bool = False) -> tuple[Example, ...]:
    """Return pictures of the concept without a name, with captions that have a place for a word."""
    from grader.tinyworld.concepts import concept_pictures

    return concept_pictures(number, seed, held_out=held_out).examples


def batch_of(
    shown: Sequence[Example],
    words: Iterable[str],
    generator: torch.Generator,
    timesteps: tuple[int, int] = (0, 1000),
) -> _training.Batch:
    """Return a batch of examples, each described with its own word; the tokenizer knows all `TOKENS`."""
    told = [example.told(word) for example, word in zip(shown, words, strict=True)]
    ids = input_ids(told, *TOKENS)
    return _training.make_batch([example.picture for example in shown], ids, generator, timesteps)


def small_batches(
    number: int,
    seed: int = 0,
    size: int = 2,
    words: Sequence[str] = (TOKEN,),
    timesteps: tuple[int, int] = (0, 1000),
) -> list[_training.Batch]:
    """Return a few batches of two pictures of the concept; the words take turns."""
    generator = torch.Generator().manual_seed(seed)
    shown = examples(number * size, seed)
    turns = [words[turn % len(words)] for turn in range(number * size)]
    return [
        batch_of(shown[first : first + size], turns[first : first + size], generator, timesteps)
        for first in range(0, number * size, size)
    ]


@torch.no_grad()
def judged_loss(batch: Mapping[str, torch.Tensor], table: torch.Tensor) -> float:
    """Return the loss of a batch with any table, measured by the judge on the clean latents that DDIM predicts.

    The error of x_0 is sqrt((1 - alpha-bar) / alpha-bar) times that of the noise.
    """
    from grader.diffusion import loading

    model, scheduler = loading.load(), loading.make_scheduler("ddim", clip_sample=False)
    scheduler.set_timesteps(len(scheduler.alphas_cumprod))
    z_0 = model.vae.encode(batch["pixel_values"]).latent_dist.mode() * model.vae.config.scaling_factor
    x_t = scheduler.add_noise(z_0, batch["noise"], batch["timesteps"])
    told = own_text_encoder(table)(batch["input_ids"]).last_hidden_state
    predicted = model.unet(x_t, batch["timesteps"], encoder_hidden_states=told).sample
    errors = []
    for index, timestep in enumerate(batch["timesteps"].tolist()):
        alpha_bar = float(scheduler.alphas_cumprod[timestep])
        step: Any = scheduler.step(predicted[index].double(), timestep, x_t[index].double())
        error = (step.pred_original_sample - z_0[index].double()).square().mean()
        errors.append(float(error) * alpha_bar / (1 - alpha_bar))
    return sum(errors) / len(errors)
