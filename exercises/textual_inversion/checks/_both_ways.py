"""What a word and an adapter have learned from the same pictures, of a thing and of a style; and small drawn ones."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from exercises._shared import _results
from exercises._shared._lora import Adapter, read_adapter
from exercises._shared._training import alphas_cumprod
from exercises.textual_inversion.checks import _embeddings, _encoded, _training
from grader.checks.assertions import assert_like
from grader.checks.recorded import read_recorded
from grader.tinyworld.concepts import style_pictures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exercises._shared._training import Batch
    from grader.sandbox.wire.handles import Handle

SUBJECTS = ("gem", "pink")  # a thing, the diamond; and a style, the pink background
STRENGTHS = [1.0, 0.5]
PICTURES = 8  # of each subject that are recorded
ASKED = 4  # of them that checks ask about
LAYERS = (
    "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k",
    "mid_block.attentions.0.transformer_blocks.0.attn2.to_v",
    "up_blocks.1.attentions.0.transformer_blocks.0.attn2.to_out.0",
)  # of the small adapters
PLAIN = ("a red circle on white", "a big yellow star at night", "a blue square on sand", "a ring")


class Task(NamedTuple):
    """The arguments of the project."""

    unet: Handle
    text_encoder: Handle
    token_id: int
    row: torch.Tensor
    adapter: Adapter
    strengths: list[float]
    shown: list[Batch]
    others: list[Batch]
    alphas_cumprod: torch.Tensor


class Found(NamedTuple):
    """The results of the project: two numbers, and losses and drifts `[2, S]`."""

    numbers: list[float]
    losses: torch.Tensor
    drifts: torch.Tensor


def results_of(submission: Any, task: Task) -> Found:
    """Run the student's project; return its results, or raise `CheckFailure` if they are not of the kind asked."""
    __tracebackhide__ = True
    found = _results.entries(submission.word_or_adapter(*task), Found._fields)
    example = task.row.new_empty(2, len(task.strengths))
    return Found(
        _results.numbers(found["numbers"], 2, "result['numbers']"),
        assert_like(found["losses"], example, what="result['losses']"),
        assert_like(found["drifts"], example, what="result['drifts']"),
    )


# --- what was learned, by `python -m reference.textual_inversion._train_both_ways` ---


@functools.cache
def recorded() -> dict[str, torch.Tensor]:
    """Return what was learned of each subject, the latents of unseen pictures, and what the project must find."""
    return read_recorded(__file__)


def captions(subject: str, number: int, *, held_out: bool = False) -> list[str]:
    """Return captions of a subject with the new token in them: "a red <gem> on white", "a red circle on <gem>"."""
    if subject == "gem":
        return [example.told(_embeddings.TOKEN) for example in _training.examples(number, held_out=held_out)]
    shown = style_pictures(number, 0, held_out=held_out)
    return [f"{example.caption} on {_embeddings.TOKEN}" for example in shown]


def learned_task(subject: str, strengths: Sequence[float] = STRENGTHS, pictures: int = ASKED) -> Task:
    """Return the project on what was learned of a subject, asked under noise so strong that the words decide."""
    table = _embeddings.trained_table(seed=4)
    table[_embeddings.first_id()] = recorded()[f"{subject}/start"]
    latents = recorded()[f"{subject}/latents"][:pictures]
    told = captions(subject, len(latents), held_out=True)
    plain = [PLAIN[index % len(PLAIN)] for index in range(len(latents))]
    return Task(
        _embeddings.UNET,
        _embeddings.text_encoder(table, trainable=[]),
        _embeddings.first_id(),
        recorded()[f"{subject}/row"],
        read_adapter(recorded(), f"{subject}/adapter"),
        list(strengths),
        _encoded.batches_of(latents, told, [pictures - 1, 1], seed=1),
        _encoded.batches_of(latents, plain, [pictures], seed=2),
        alphas_cumprod(),
    )


# --- small ones ---


def drawn_task(
    strengths: Sequence[float] = (0.3, 1.2), *, seed: int = 0, word: str = _embeddings.TOKENS[1], power: float = 1.0
) -> Task:
    """Return the project on a drawn row and a drawn adapter of three layers, asked about a few pictures.

    The token is one of the new ones. Alpha-bar is the model's own, to the power of `power`.
    """
    generator = torch.Generator().manual_seed(seed)
    table = _embeddings.trained_table(seed)
    latents = recorded()["gem/latents"].roll(seed, dims=0)
    told = [example.told(word) for example in _training.examples(3, seed, held_out=True)]
    plain = [f"a {_embeddings.TOKENS[-1] if word != _embeddings.TOKENS[-1] else _embeddings.TOKEN}", *PLAIN[:2]]
    return Task(
        _embeddings.UNET,
        _embeddings.text_encoder(table, trainable=[]),
        _embeddings.first_id() + _embeddings.TOKENS.index(word),
        torch.randn(table.shape[1], generator=generator) * 0.3,
        drawn_adapter(generator),
        list(strengths),
        _encoded.batches_of(latents[:3], told, [2, 1], seed, (200, 1000)),
        _encoded.batches_of(latents[3:6], plain, [1, 2], seed + 1, (200, 1000)),
        alphas_cumprod() ** power,
    )


def pinned_task(power: float) -> Task:
    """Return the project on a drawn row and a drawn adapter whose losses and drifts are recorded."""
    return drawn_task([0.9, 0.4], seed=9, power=power)


def drawn_adapter(generator: torch.Generator) -> Adapter:
    """Draw an adapter of ranks 1, 2 and 3 with other alphas; each change is twice as large as its weight."""
    weights = _embeddings.own_weights("unet")
    made: Adapter = {}
    for rank, layer in enumerate(LAYERS, start=1):
        weight = weights[f"{layer}.weight"]
        a, b = (
            torch.randn(rank, weight.shape[1], generator=generator),
            torch.randn(len(weight), rank, generator=generator),
        )
        alpha = 0.5 + rank / 2
        made[layer] = a, b * float(weight.std()) * rank**0.5 / alpha * 2, alpha
    return made
