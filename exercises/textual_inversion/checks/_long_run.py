"""The long training run that must learn a concept, and what shows that it has."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import torch

from exercises.textual_inversion.checks._embeddings import TOKEN, known_table, own_tokenizer, states
from exercises.textual_inversion.checks._training import STRONG_NOISE, batch_of, examples

if TYPE_CHECKING:
    from exercises._shared._training import Batch
    from grader.diffusion.stable_diffusion import StableDiffusion

STEPS, BATCH_SIZE, RATE = 100, 4, 5e-3  # of the run that is to learn the concept
INITIALIZER = "circle"
HELD_OUT, HELD_OUT_DRAWS = 16, 4
PAINTING_STEPS = 12


def start_table() -> torch.Tensor:
    """Return the model's table with one new row, a copy of the initializer's."""
    table = known_table()
    (row,) = own_tokenizer()(INITIALIZER, add_special_tokens=False).input_ids
    return torch.cat([table, table[row : row + 1]])


def training_batches(seed: int = 0) -> list[Batch]:
    """Return the batches of the long run: a handful of pictures, again and again, under other noise."""
    generator = torch.Generator().manual_seed(seed)
    shown = examples(8, seed)
    chosen = torch.randint(len(shown), (STEPS, BATCH_SIZE), generator=generator).tolist()
    return [batch_of([shown[i] for i in row], [TOKEN] * BATCH_SIZE, generator) for row in chosen]


def held_out_batches() -> list[Batch]:
    """Return batches of pictures that no training saw, where the noise is strong: there the words decide."""
    shown, generator = examples(HELD_OUT, held_out=True), torch.Generator().manual_seed(0)
    return [batch_of(shown, [TOKEN] * HELD_OUT, generator, STRONG_NOISE) for _ in range(HELD_OUT_DRAWS)]


def painted(table: torch.Tensor, sd: StableDiffusion) -> int:
    """Return how many of `HELD_OUT` prompts with the token give a picture of the concept, by the judge's own eyes."""
    from grader.tinyworld.drawing import UNNAMED_SHAPE
    from grader.tinyworld.recognition import look

    prompts = [""] * HELD_OUT + [example.told(TOKEN) for example in examples(HELD_OUT, held_out=True)]
    latents = sd.text_to_image(sd.noise(0, HELD_OUT), PAINTING_STEPS, states(prompts, table, TOKEN))
    things = [look(sd.decode(latents[place : place + 1])).things for place in range(HELD_OUT)]
    return sum(len(seen) == 1 and seen[0].shape == UNNAMED_SHAPE for seen in things)


@functools.cache
def painted_before(sd: StableDiffusion) -> int:
    """Return how many prompts paint the concept with the table at the start."""
    return painted(start_table(), sd)
