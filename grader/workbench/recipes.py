"""Recipes: what builds the objects of a diffusion course inside a worker, from the data of their handles.

Everything here runs beside the submission's code and may be tampered with by it: nothing here knows an answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from grader.workbench import denoisers, shared_networks
from grader.workbench.logs import LoggedModel, logged

if TYPE_CHECKING:
    from torch import Tensor, nn

    from grader.diffusion.templates import Template

_untrained: dict[str, Template | None] = {}  # by seed and configuration; None if it was asked for only once


def load_model(**choice: str) -> None:
    """Load the model that `choice` describes (see `Choice.arguments`), or the tiny one."""
    from grader.diffusion import loading

    loading.use(**choice) if choice else loading.load()


def to_device() -> None:
    """Move the networks of the loaded model to their device."""
    from grader.diffusion import loading

    loading.to_device()


def part(name: str, trainable: list[str] | None = None) -> Any:
    """Return a part of the model of its own: a name of `grader.diffusion.loading.Parts`.

    `trainable` names the parameters that gradients are asked for (none for a frozen part), all of them if not given.
    """
    from grader.diffusion.loading import copy_of

    return _asking_for_gradients(shared_networks.taken(name) or copy_of(name), trainable)


def _asking_for_gradients(module: Any, trainable: list[str] | None) -> Any:
    if trainable is not None:
        for name, parameter in module.named_parameters():
            parameter.requires_grad_(name in trainable)
    return module


def unet(trainable: list[str] | None = None, checkpointing: bool = False) -> Any:
    """Return a U-Net of its own, whose calls are logged (see `readers.calls`); `trainable` as in `part`.

    With `checkpointing` it keeps little for the way back and computes the rest again, which takes a third more time.
    """
    made = part("unet", trainable)
    if checkpointing:
        made.enable_gradient_checkpointing()
    return logged(made)


def untrained_unet(seed: int, **config: Any) -> Any:
    """Return a U-Net of any configuration with random weights, whose calls are logged (see `readers.calls`)."""
    from grader.diffusion.templates import Template, cloned

    key = repr((seed, config))
    if key not in _untrained:  # mostly nobody asks again, and writing it down takes as long as making it
        _untrained[key] = None
        return logged(_random_unet(seed, config))
    template = _untrained[key]
    if template is None:
        template = _untrained[key] = Template(_random_unet(seed, config))
    return logged(template.copy(cloned))


def _random_unet(seed: int, config: dict[str, Any]) -> Any:
    from diffusers import UNet2DConditionModel

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return UNet2DConditionModel(**config).eval()


def unet_with_lora(
    unet: Any, target_modules: list[str], rank: int, alpha: int, seed: int, b_spread: float = 0.0
) -> Any:
    """Return a U-Net with a PEFT adapter on it: A normal with spread 1 / rank, B with `b_spread`, 0 for a fresh one."""
    from peft import LoraConfig

    unet.add_adapter(LoraConfig(r=rank, lora_alpha=alpha, target_modules=target_modules))
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in unet.named_parameters():
        if ".lora_" in name:
            spread = b_spread if ".lora_B." in name else 1 / rank
            parameter.data = (spread * torch.randn(parameter.shape, generator=generator)).to(parameter.device)
    return unet


def tokenizer(tokens: list[str] | None = None) -> Any:
    """Return a tokenizer of its own, to which these tokens have been added."""
    made = part("tokenizer")
    made.add_tokens(tokens or [])
    return made


def text_encoder(weights: dict[str, Tensor] | None = None, trainable: list[str] | None = None) -> Any:
    """Return a text encoder of its own with these weights in the place of its own; `trainable` as in `part`.

    An embedding table among them may have more rows than its own, for added tokens.
    """
    made = part("text_encoder", trainable)
    for name, value in (weights or {}).items():
        if len(made.get_parameter(name)) < len(value):
            made.resize_token_embeddings(len(value), mean_resizing=False)
        made.get_parameter(name).data.copy_(value)
    return made


def text_encoder_to_train(tokens: int = 0, seed: int = 0, trainable: list[str] | None = None) -> Any:
    """Return a text encoder of its own as training wants it: in float32 and on the CPU, whatever the model computes in.

    Its table has rows for that many added `tokens`, drawn from a seed as large as the others; `trainable` as in `part`.
    """
    made = part("text_encoder").to("cpu").float()
    if tokens:
        before = made.get_input_embeddings().weight.detach()
        drawn = torch.randn(tokens, before.shape[1], generator=torch.Generator().manual_seed(seed)) * before.std()
        made.resize_token_embeddings(len(before) + tokens, mean_resizing=False)
        made.get_input_embeddings().weight.data[len(before) :] = drawn
    return _asking_for_gradients(made, trainable)


def table(text_encoder: Any) -> Tensor:
    """Return a copy of a text encoder's embedding table as it is now, `[V, D]`."""
    found: Tensor = text_encoder.get_input_embeddings().weight.detach().clone()
    return found


def moved_table(original: Tensor, ids: list[int], seed: int, steps: int) -> nn.Parameter:
    """Return a table `[V, D]` that starts as the original and has taken some steps of AdamW.

    Its gradients are drawn from a seed, in the rows of `ids`, and zero elsewhere, as after a prompt of those words.
    """
    moved = torch.nn.Parameter(original.clone())
    optimizer = torch.optim.AdamW([moved], lr=0.005, weight_decay=0.01)
    generator = torch.Generator().manual_seed(seed)
    moved.grad = torch.zeros_like(moved)
    for _ in range(steps):
        moved.grad[ids] = torch.randn(len(ids), moved.shape[1], generator=generator)
        optimizer.step()
    return moved


def optimizer(module: nn.Module, learning_rate: float, weight_decay: float = 0.01, epsilon: float = 1e-8) -> Any:
    """Return AdamW with its usual momentum for the trainable parameters of a module.

    With an `epsilon` far above the gradients its first step is along the gradient itself, and not along its sign.
    """
    parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
    return torch.optim.AdamW(parameters, lr=learning_rate, weight_decay=weight_decay, eps=epsilon)


def vae(scaling_factor: float | None = None, trainable: list[str] | None = None) -> Any:
    """Return an autoencoder of its own, with another scaling factor in its config if one is given.

    `trainable` as in `part`.
    """
    made = part("vae", trainable)
    if scaling_factor is not None:
        made.register_to_config(scaling_factor=scaling_factor)
    return made


def scheduler(kind: str) -> Any:
    """Return a new scheduler of a kind (see `LoadedModel.make_scheduler`), with no timesteps set."""
    from grader.diffusion.loading import make_scheduler

    return make_scheduler(kind)


def denoiser(kind: str, counts_tensors: bool = False, **settings: Any) -> LoggedModel:
    """Return an exact denoiser of `grader.workbench.denoisers`: a kind of `denoisers.KINDS`."""
    return LoggedModel(denoisers.KINDS[kind](**settings), counts_tensors=counts_tensors)
