"""LoRA adapters that were trained, read from recorded tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from grader.checks.recorded import group

if TYPE_CHECKING:
    from collections.abc import Mapping

Adapter = dict[str, tuple[torch.Tensor, torch.Tensor, float]]  # (A, B, alpha) by the name of a layer


def read_adapter(numbers: Mapping[str, torch.Tensor], name: str) -> Adapter:
    """Return an adapter among recorded tensors that are called "NAME/<module>.lora_A" and "NAME/<module>.lora_B".

    Its alpha is its rank, as that of the adapters that train_style_lora adds.
    """
    found = group(numbers, name)
    layers = sorted({place.rpartition(".")[0] for place in found})
    return {
        layer: (found[f"{layer}.lora_A"], found[f"{layer}.lora_B"], float(len(found[f"{layer}.lora_A"])))
        for layer in layers
    }
