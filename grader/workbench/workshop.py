"""What handles stand for: recipes that build objects inside a worker, and readers that say as data what became of them.

Everything here runs beside the submission's code and may be tampered with by it: nothing here knows an answer, and the
judge takes what a reader returns for the submission's word.
"""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import torch

from grader.sandbox import limits
from grader.workbench import denoisers

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor, nn

_calls: WeakKeyDictionary[Any, list[dict[str, Any]]] = WeakKeyDictionary()

# --- recipes ---------------------------------------------------------------------------------------------------


def part(name: str, trainable: list[str] | None = None) -> Any:
    """Return a part of the model of its own: a name of `grader.diffusion.loading.Parts`.

    `trainable` names the parameters that gradients are asked for (none for a frozen part), all of them if not given.
    """
    from grader.diffusion.loading import copy_of

    made = copy_of(name)
    if trainable is not None:
        for parameter_name, parameter in made.named_parameters():
            parameter.requires_grad_(parameter_name in trainable)
    return made


def unet(trainable: list[str] | None = None) -> Any:
    """Return a U-Net of its own, whose calls are logged (see `calls`); `trainable` as in `part`."""
    return _logged(part("unet", trainable))


def untrained_unet(seed: int, **config: Any) -> Any:
    """Return a U-Net of any configuration with random weights, whose calls are logged (see `calls`)."""
    from diffusers import UNet2DConditionModel

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _logged(UNet2DConditionModel(**config).eval())


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
            parameter.data = spread * torch.randn(parameter.shape, generator=generator)
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


def optimizer(module: nn.Module, learning_rate: float, weight_decay: float = 0.01) -> Any:
    """Return AdamW with its usual momentum for the trainable parameters of a module."""
    parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
    return torch.optim.AdamW(parameters, lr=learning_rate, weight_decay=weight_decay)


def vae(scaling_factor: float | None = None, trainable: list[str] | None = None) -> Any:
    """Return an autoencoder of its own, with another scaling factor in its config if one is given.

    `trainable` as in `part`.
    """
    made = part("vae", trainable)
    if scaling_factor is not None:
        made.register_to_config(scaling_factor=scaling_factor)
    return made


def scheduler(kind: str) -> Any:
    """Return a new scheduler of a kind that `grader.diffusion.loading.SCHEDULERS` names, with no timesteps set."""
    from grader.diffusion.loading import make_scheduler

    return make_scheduler(kind)


class LoggedModel:
    """A noise prediction `model(x, timestep)` that logs its calls (see `calls`)."""

    def __init__(self, predict: Callable[[Tensor, int], Tensor], *, counts_tensors: bool) -> None:
        self._predict = predict
        self._counts_tensors = counts_tensors
        _calls[self] = []

    def __call__(self, x: Tensor, timestep: int) -> Tensor:
        """Return the predicted noise, of the shape of `x`; raise TypeError if `timestep` is not one integer."""
        log, timestep = _calls[self], _single_timestep(timestep)
        if len(log) < limits.MAX_LOGGED_CALLS:
            entry = {"timestep": timestep, "shape": list(x.shape)}
            log.append({**entry, **_live_tensors()} if self._counts_tensors else entry)
        return self._predict(x, timestep)


def denoiser(kind: str, counts_tensors: bool = False, **settings: Any) -> LoggedModel:
    """Return an exact denoiser of `grader.workbench.denoisers`: a kind of `denoisers.KINDS`."""
    return LoggedModel(denoisers.KINDS[kind](**settings), counts_tensors=counts_tensors)


RECIPES: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (unet, untrained_unet, unet_with_lora, vae, text_encoder, tokenizer, scheduler, optimizer, denoiser)
}
NEW_FOR_EVERY_CALL = frozenset({"scheduler"})  # it comes fresh, as every statement promises

# --- readers ---------------------------------------------------------------------------------------------------


def calls(model: Any) -> list[dict[str, Any]]:
    """Return what a U-Net or a denoiser was called with, in order, up to `limits.MAX_LOGGED_CALLS`.

    Each call is a dict with `timestep` (a number, or a list of them), `shape` (of the sample) and, of a U-Net, the
    shape of `text_embeddings` and `grad` (whether a graph was recorded). That of a denoiser that counts tensors has
    `live_tensors` and `live_bytes`: how many were alive at the call, and the memory behind them.
    """
    return _calls[model]


def state_dict(module: nn.Module) -> dict[str, Tensor]:
    """Return all weights by name."""
    return dict(module.state_dict())


def trainable(module: nn.Module) -> list[str]:
    """Return the names of the parameters that gradients are asked for."""
    return [name for name, parameter in module.named_parameters() if parameter.requires_grad]


def gradients(module: nn.Module, names: list[str] | None = None) -> dict[str, Tensor]:
    """Return the gradients that are there, by the name of their parameter: of all of them, or of those in `names`."""
    wanted = dict(module.named_parameters())
    return {name: p.grad for name, p in wanted.items() if p.grad is not None and (names is None or name in names)}


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


def file(name: str) -> Any:
    """Return the bytes of a file in the worker's private folder as an array, None if there is none."""
    path = Path(name)
    if not path.is_file() or path.stat().st_size > limits.MAX_FILE_BYTES:
        return None
    return np.frombuffer(path.read_bytes(), dtype=np.uint8)


READERS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (calls, state_dict, trainable, gradients, prediction, token_ids, text_states, flow, file)
}


def _logged(module: nn.Module) -> nn.Module:
    log: list[dict[str, Any]] = []

    def note(_module: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        if len(log) >= limits.MAX_LOGGED_CALLS:
            return
        values = [*given, None, None, None]
        sample = named.get("sample", values[0])
        embeddings = named.get("encoder_hidden_states", values[2])
        log.append({
            "timestep": _timesteps(named.get("timestep", values[1])),
            "shape": _shape(sample),
            "text_embeddings": _shape(embeddings),
            "grad": torch.is_grad_enabled(),
        })  # fmt: skip

    module.register_forward_pre_hook(note, with_kwargs=True)
    _calls[module] = log
    return module


def _shape(value: Any) -> list[int] | None:
    return list(value.shape) if isinstance(value, torch.Tensor) else None


def _live_tensors() -> dict[str, int]:
    """Return how many tensors are alive, and the bytes of the memory behind them, shared memory counted once."""
    gc.collect(1)  # what was dropped a moment ago, in a cycle, is not alive
    # Not isinstance: it asks every object for its __class__, at which a library's stand-ins wake up and warn.
    tensors = [found for found in gc.get_objects() if issubclass(type(found), torch.Tensor)]
    storages = [tensor.untyped_storage() for tensor in tensors if tensor.layout is torch.strided]
    sizes = {storage.data_ptr(): storage.nbytes() for storage in storages}
    return {"live_tensors": len(tensors), "live_bytes": sum(sizes.values())}


def _single_timestep(timestep: Any) -> int:
    """Return a timestep as an int; raise TypeError for what is not one integer."""
    value = _timesteps(timestep)
    single = value[0] if isinstance(value, list) and len(value) == 1 else value
    if isinstance(single, int) and not isinstance(single, bool):
        return single
    found = f"the {type(timestep).__name__} {value}" if value is not None else f"of type {type(timestep).__name__}"
    raise TypeError(f"model(x, timestep) takes one int as timestep, the same for all of x; this one is {found}.")


def _timesteps(value: Any) -> Any:
    if isinstance(value, torch.Tensor | np.generic | np.ndarray):
        return value.tolist()
    return value if isinstance(value, int | float) else None
