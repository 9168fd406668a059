"""Pictures of a concept without a name, described with a new word, and batches of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from exercises._shared import _training
from exercises.textual_inversion.checks._embeddings import SECOND_TOKEN, TOKEN, input_ids

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
    """Return a batch of examples, each described with its own word; the tokenizer knows `TOKEN` and `SECOND_TOKEN`."""
    told = [example.told(word) for example, word in zip(shown, words, strict=True)]
    ids = input_ids(told, TOKEN, SECOND_TOKEN)
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
