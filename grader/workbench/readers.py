"""Readers: what says as data what became of the objects that recipes built.

They run beside the submission's code, so the judge takes what they return for the submission's word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from grader.diffusion.digests import digest_of
from grader.diffusion.digests import digests_of_rows as _digests_of_rows
from grader.workbench.logs import LoggedCall, calls_of

if TYPE_CHECKING:
    from torch import Tensor, nn


def calls(model: Any) -> list[LoggedCall]:
    """Return what a U-Net or a denoiser was called with, in order, up to `limits.MAX_LOGGED_CALLS`."""
    return calls_of(model)


def state_dict(module: nn.Module, containing: str = "") -> dict[str, Tensor]:
    """Return all weights by name, or those whose names contain a text."""
    return {name: weights.cpu() for name, weights in module.state_dict().items() if containing in name}


def digests(module: nn.Module) -> dict[str, int]:
    """Return a digest of every parameter by its name: what is too large to be sent is compared by them."""
    return {name: digest_of(parameter) for name, parameter in module.named_parameters()}


def digests_of_rows(table: Tensor | nn.Module) -> Tensor:
    """Return a digest of each row, `[V]`, of an embedding table `[V, D]`, or of a text encoder's."""
    return _digests_of_rows(_table(table))


def rows(table: Tensor | nn.Module, ids: list[int]) -> Tensor:
    """Return some rows `[len(ids), D]` of an embedding table, or of a text encoder's."""
    return _table(table).detach()[ids].cpu()


def _table(found: Any) -> Tensor:
    table: Tensor = found if isinstance(found, torch.Tensor) else found.get_input_embeddings().weight
    return table


def trainable(module: nn.Module) -> list[str]:
    """Return the names of the parameters that gradients are asked for."""
    return [name for name, parameter in module.named_parameters() if parameter.requires_grad]


def gradients(module: nn.Module, names: list[str] | None = None) -> dict[str, Tensor]:
    """Return the gradients that are there, by the name of their parameter: of all of them, or of those in `names`."""
    wanted = dict(module.named_parameters())
    return {name: p.grad.cpu() for name, p in wanted.items() if p.grad is not None and (names is None or name in names)}


def token_ids(tokenizer: Any, texts: list[str]) -> list[list[int]]:
    """Return the ids of each text's pieces, without start, end and padding."""
    return [list(ids) for ids in tokenizer(texts, add_special_tokens=False).input_ids]


def text_states(text_encoder: Any, input_ids: Tensor) -> Tensor:
    """Return the last hidden states `[B, L, D]` of ids `[B, L]`."""
    with torch.no_grad():
        states: Tensor = text_encoder(input_ids).last_hidden_state
    return states


def flow(text_encoder: Any, unet: Any, input_ids: Tensor, sample: Tensor, timestep: int) -> dict[str, Tensor]:
    """Return the gradients that a loss on the U-Net's prediction leaves in the text encoder, by parameter."""
    states = text_encoder(input_ids).last_hidden_state
    unet(sample, timestep, encoder_hidden_states=states).sample.square().mean().backward()
    return gradients(text_encoder)


def prediction(unet: Any, sample: Tensor, timestep: int, text_embeddings: Tensor) -> Tensor:
    """Return the noise that a U-Net predicts, of the shape of `sample`."""
    with torch.no_grad():
        predicted: Tensor = unet(sample, timestep, encoder_hidden_states=text_embeddings).sample
    return predicted
