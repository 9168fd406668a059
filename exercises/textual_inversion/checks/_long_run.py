"""The long training run that must learn a concept, and how well it has."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import torch

from exercises.textual_inversion.checks._embeddings import TOKEN, known_table, own_tokenizer, states
from exercises.textual_inversion.checks._training import STRONG_NOISE, examples, make_batch, noise_loss

STEPS, BATCH_SIZE, RATE = 100, 4, 5e-3  # of the run that is to learn the concept
INITIALIZER = "circle"
HELD_OUT, HELD_OUT_DRAWS = 16, 4
PAINTING_STEPS = 12


class Learned(NamedTuple):
    """How well a table knows the concept: its loss on pictures that no training saw, and how many it paints right."""

    loss: float
    painted: int


def start_table() -> torch.Tensor:
    """Return the model's table with one new row, a copy of the initializer's."""
    table = known_table()
    (row,) = own_tokenizer()(INITIALIZER, add_special_tokens=False).input_ids
    return torch.cat([table, table[row : row + 1]])


def training_batches(seed: int = 0) -> list[dict[str, torch.Tensor]]:
    """Return the batches of the long run: a handful of pictures, again and again, under other noise."""
    generator = torch.Generator().manual_seed(seed)
    shown = examples(8, seed)
    chosen = torch.randint(len(shown), (STEPS, BATCH_SIZE), generator=generator).tolist()
    return [make_batch([shown[i] for i in row], [TOKEN] * BATCH_SIZE, generator) for row in chosen]


def measure(table: torch.Tensor, sd: Any, seed: int = 0) -> Learned:
    """Return how well a table knows the concept, by the judge's own model and its own eyes.

    The loss is taken where the noise is strong, at timesteps from 500 on: there the words decide.
    """
    from grader.tinyworld.drawing import UNNAMED_SHAPE
    from grader.tinyworld.recognition import look

    shown = examples(HELD_OUT, seed, held_out=True)
    generator = torch.Generator().manual_seed(seed)
    losses = [
        noise_loss(make_batch(shown, [TOKEN] * HELD_OUT, generator, STRONG_NOISE), table) for _ in range(HELD_OUT_DRAWS)
    ]
    prompts = [""] * HELD_OUT + [example.told(TOKEN) for example in shown]
    latents = sd.text_to_image(sd.noise(seed, HELD_OUT), PAINTING_STEPS, states(prompts, table, TOKEN))
    things = [look(sd.decode(latents[place : place + 1])).things for place in range(HELD_OUT)]
    painted = sum(len(seen) == 1 and seen[0].shape == UNNAMED_SHAPE for seen in things)
    return Learned(sum(losses) / HELD_OUT_DRAWS, painted)


@functools.cache
def measure_start(sd: Any) -> Learned:
    """Return how well the table at the start knows the concept."""
    return measure(start_table(), sd)
