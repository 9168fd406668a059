"""The skeleton of a real U-Net, on which PEFT shows what it would adapt without a copy of the weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from exercises.lora_finetuning.checks._target_modules import adapt
from grader.checks.assertions import CheckFailure
from grader.checks.text import describe
from grader.diffusion.loading import load

if TYPE_CHECKING:
    from collections.abc import Sequence

PROJECTIONS = ("to_q", "to_k", "to_v", "to_out.0")


def skeleton() -> Any:
    """Return a U-Net of the model's configuration, without memory for its weights."""
    from diffusers import UNet2DConditionModel

    with torch.device("meta"):
        return UNet2DConditionModel.from_config(load().unet.config)


def projections() -> list[str]:
    """Return the names of all projections of the cross-attention: four for every `attn2`."""
    attentions = [name for name, _ in skeleton().named_modules() if name.endswith(".attn2")]
    return sorted(f"{attention}.{projection}" for attention in attentions for projection in PROJECTIONS)


def adapted_by(names: object) -> list[str]:
    """Return the modules of the U-Net that PEFT adapts when it gets a submission's list; else `CheckFailure`."""
    __tracebackhide__ = True
    if type(names) is not list or not names or not all(type(name) is str for name in names):
        sentence = "The result must be a list of strings, the names of modules."
        raise CheckFailure(sentence, actual=describe(names))
    unet = skeleton()
    try:
        adapt(unet, _strings(names), rank=1, alpha=1)
    except (ValueError, TypeError) as error:
        said = str(error).partition("\n")[0]
        raise CheckFailure("PEFT refuses this list on the real U-Net.", actual=describe(said)) from None
    return sorted(name.removesuffix(".lora_A") for name, _ in unet.named_modules() if name.endswith(".lora_A"))


def _strings(names: Sequence[Any]) -> list[str]:
    return [str(name) for name in names]
