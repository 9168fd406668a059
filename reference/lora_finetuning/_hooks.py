"""What a U-Net predicts with adapters as bypasses beside its layers, which leaves all weights alone."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import torch

from exercises.lora_finetuning.checks._two_adapters import Found, Task
from exercises.lora_finetuning.checks._unets import own

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from exercises._shared._lora import Adapter


def asked(task: Task) -> Found:
    """Return what the experiment must find."""
    pairs = (), (task.first,), (task.second,), (task.first, task.second)
    neither, first, second, both = (_prediction(task, adapters) for adapters in pairs)
    rest, change = both - first - second + neither, both - neither
    interference = [float(r.abs().mean() / c.abs().mean()) for r, c in zip(rest, change, strict=True)]
    return Found(neither, first, second, both, interference)


@torch.no_grad()
def _prediction(task: Task, adapters: tuple[Adapter, ...]) -> torch.Tensor:
    with beside(own(task.unet), adapters) as unet:
        found: torch.Tensor = unet(task.latents, task.timestep, encoder_hidden_states=task.text_embeddings).sample
    return found


@contextmanager
def beside(unet: Any, adapters: Iterable[Adapter]) -> Iterator[Any]:
    """Yield a U-Net with adapters as bypasses beside its layers."""
    with ExitStack() as hooks:
        for adapter in adapters:
            for layer, bypass in adapter.items():
                hooks.callback(unet.get_submodule(layer).register_forward_hook(_hook(*bypass)).remove)
        yield unet


def _hook(a: torch.Tensor, b: torch.Tensor, alpha: float) -> Callable[..., Any]:
    def add(_module: Any, given: tuple[torch.Tensor], result: torch.Tensor) -> torch.Tensor:
        return result + alpha / len(a) * (given[0] @ a.T @ b.T)

    return add
