"""Adapters among the weights of a U-Net, and what they stand on."""

from __future__ import annotations

import copy
import tempfile
import warnings
from typing import TYPE_CHECKING, Any

import torch

from exercises._shared._training import assert_same_weights
from exercises.lora_finetuning.checks._target_modules import adapt, due_modules
from exercises.lora_finetuning.checks._unets import TARGETS, own
from grader.checks.assertions import CheckFailure, assert_like

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.sandbox.wire.handles import Handle


RANK, ALPHA = 4, 4  # of the adapter that train_style_lora adds


def adapter_of(weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the weights of an adapter among all weights of a U-Net, named "<module>.lora_A" and "<module>.lora_B".

    What the adapter itself is called does not matter.
    """
    found = {}
    for name, value in weights.items():
        for side in ("lora_A", "lora_B"):
            module, mark, _ = name.partition(f".{side}.")
            if mark:
                found[f"{module}.{side}"] = value
    return found


def base_of(weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the weights that a U-Net had before it got an adapter, by the names that they had then."""
    return {name.replace(".base_layer.", "."): value for name, value in weights.items() if ".lora_" not in name}


def assert_everything_else_untouched(submission: Any, unet: Handle, bare: Handle, *others: Handle) -> None:
    """Raise `CheckFailure` unless all weights but an adapter's are what they were, to the bit.

    `bare` is the U-Net before it got an adapter, and `others` are the other modules that took part.
    """
    __tracebackhide__ = True
    assert_same_weights(base_of(submission.read.state_dict(unet)), own(bare).state_dict(), "the U-Net")
    for other in others:
        owner = {"vae": "the autoencoder", "text_encoder": "the text encoder"}[other.recipe]
        assert_same_weights(submission.read.state_dict(other), own(other).state_dict(), owner)


def assert_only_the_adapter_is_trainable(submission: Any, unet: Handle) -> None:
    """Raise `CheckFailure` if a weight of the U-Net itself asks for gradients."""
    __tracebackhide__ = True
    others = [name for name in submission.read.trainable(unet) if not adapter_of({name: torch.empty(0)})]
    if others:
        raise CheckFailure(f"`{others[0]}` asks for gradients after the call; only the adapter's numbers may.")


def assert_adapter(weights: Mapping[str, torch.Tensor], bare: Handle) -> dict[str, torch.Tensor]:
    """Return the adapter among a U-Net's weights if it is one of `RANK` on just the `TARGETS`; see `adapter_of`."""
    __tracebackhide__ = True
    adapter = adapter_of(weights)
    found = sorted({name.rpartition(".")[0] for name in adapter})
    if not found:
        raise CheckFailure("The U-Net carries no LoRA adapter after the call.")
    due = due_modules(bare)
    for name in due:
        if name not in found:
            raise CheckFailure(f"`{name}` belongs to the cross-attention but has no adapter.")
    for name in found:
        if name not in due:
            raise CheckFailure(f"`{name}` has an adapter but is not a projection of the cross-attention.")
    for name in due:
        layer = own(bare).get_submodule(name)
        for side, shape in (("lora_A", (RANK, layer.in_features)), ("lora_B", (layer.out_features, RANK))):
            assert_like(adapter.get(f"{name}.{side}"), torch.empty(shape), what=f"`{name}.{side}`")
    return {name: adapter[name] for name in sorted(adapter)}


def with_adapter(bare: Handle, adapter: Mapping[str, torch.Tensor]) -> Any:
    """Return a U-Net with an adapter of `RANK` and `ALPHA` that was saved to a file and loaded from there."""
    source, target = copy.deepcopy(own(bare)), copy.deepcopy(own(bare))
    put_on(source, adapter)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        source.save_lora_adapter(folder)
        target.load_lora_adapter(folder, prefix=None, use_safetensors=True)
    return target


def put_on(unet: Any, adapter: Mapping[str, torch.Tensor]) -> None:
    """Put an adapter of `RANK` and `ALPHA` with these weights on a U-Net, ready to be trained on."""
    adapt(unet, TARGETS, RANK, ALPHA)
    for name, parameter in unet.named_parameters():
        for plain in adapter_of({name: parameter}):
            parameter.data.copy_(adapter[plain])
