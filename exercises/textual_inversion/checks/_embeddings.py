"""Tables with new rows, handles of what holds them, and the judge's own model."""

from __future__ import annotations

import copy
import functools
from typing import TYPE_CHECKING, Any

import torch

from exercises._shared import _training
from grader.sandbox.wire.handles import Handle

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


TOKEN = "<gem>"
SECOND_TOKEN = "<pearl>"  # where several have been added
# The row between the two that training is about must stay: ids that learn need not be neighbours.
TOKENS = (TOKEN, "<coral>", SECOND_TOKEN)
TABLE = "embeddings.token_embedding.weight"
UNET, VAE = Handle("unet", {"trainable": []}), Handle("vae", {"trainable": []})  # frozen, as training finds them


@functools.cache
def _parts() -> Any:
    from grader.diffusion import loading  # only here: exercises on tensors must not wait for diffusers

    return loading


def known_table() -> torch.Tensor:
    """Return the model's own embedding table `[V, D]`."""
    table: torch.Tensor = _parts().load().text_encoder.get_parameter(TABLE).detach().clone()
    return table


def grown_table(count: int = 1, seed: int = 0) -> torch.Tensor:
    """Return the model's table with that number of new rows, drawn from a seed, about as large as those of words."""
    table = known_table()
    drawn = torch.randn(count, table.shape[1], generator=torch.Generator().manual_seed(seed))
    return torch.cat([table, drawn * table.std()])


def first_id() -> int:
    """Return the id of the first token that is added."""
    return len(known_table())


def trained_ids(count: int) -> list[int]:
    """Return the id of `TOKEN`, or those of `TOKEN` and `SECOND_TOKEN`, where all `TOKENS` have been added."""
    return [first_id() + TOKENS.index(token) for token in (TOKEN, SECOND_TOKEN)[:count]]


def trained_table(seed: int = 0) -> torch.Tensor:
    """Return the model's table with a new row for each of the `TOKENS`."""
    return grown_table(len(TOKENS), seed)


def tokenizer(*tokens: str) -> Handle:
    """Return the handle of a tokenizer to which these tokens have been added."""
    return Handle("tokenizer", {"tokens": list(tokens)})


def text_encoder(
    table: torch.Tensor, *, trainable: list[str] | None = None, weights: Mapping[str, torch.Tensor] | None = None
) -> Handle:
    """Return the handle of a text encoder with that table, and with other weights by name."""
    return Handle("text_encoder", {"weights": {**(weights or {}), TABLE: table}, "trainable": trainable})


def learner(table: torch.Tensor, number: int = 1) -> Handle:
    """Return the handle of a text encoder of which only the table can be trained.

    Equal handles are one object; those of different numbers are objects of their own.
    """
    return text_encoder(table, trainable=[TABLE])._replace(identity=number)


def optimizer(module: Handle, learning_rate: float, weight_decay: float = 0.01) -> Handle:
    """Return the handle of AdamW for what is trainable in a module."""
    return Handle("optimizer", {"module": module, "learning_rate": learning_rate, "weight_decay": weight_decay})


def own_tokenizer(*tokens: str) -> Any:
    """Return a tokenizer of the judge's to which these tokens have been added."""
    made = copy.deepcopy(_parts().load().tokenizer)
    made.add_tokens(list(tokens))
    return made


def own_text_encoder(table: torch.Tensor, weights: Mapping[str, torch.Tensor] | None = None) -> Any:
    """Return a text encoder of the judge's with that table, and with other weights by name."""
    made = copy.deepcopy(_parts().load().text_encoder)
    made.resize_token_embeddings(len(table), mean_resizing=False)
    for name, value in {**(weights or {}), TABLE: table}.items():
        made.get_parameter(name).data.copy_(value)
    return made.requires_grad_(False)


def input_ids(prompts: Sequence[str], *tokens: str) -> torch.Tensor:
    """Return the ids `[len(prompts), L]`, padded, as a tokenizer gives them that knows these tokens."""
    return _training.input_ids(prompts, own_tokenizer(*tokens))


@torch.no_grad()
def states(
    prompts: Sequence[str],
    table: torch.Tensor,
    *tokens: str,
    weights: Mapping[str, torch.Tensor] | None = None,
) -> torch.Tensor:
    """Return the last hidden states `[len(prompts), L, D]` of prompts in the judge's text encoder with that table."""
    found: torch.Tensor = own_text_encoder(table, weights)(input_ids(prompts, *tokens)).last_hidden_state
    return found


def own_weights(name: str) -> dict[str, torch.Tensor]:
    """Return all weights of a part of the model."""
    return dict(getattr(_parts().load(), name).state_dict())
