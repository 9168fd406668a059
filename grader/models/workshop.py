"""What handles stand for: recipes that build objects inside a worker, and readers that say as data what became of them.

Everything here runs beside the submission's code and may be tampered with by it: nothing here knows an answer, and the
judge takes what a reader returns for the submission's word.
"""

from __future__ import annotations

import gc
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import torch

from grader.models import denoisers

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor, nn

MAX_LOGGED_CALLS = 5_000
MAX_FILE_BYTES = 16 * 2**20
_calls: WeakKeyDictionary[Any, list[dict[str, Any]]] = WeakKeyDictionary()

# --- recipes ---------------------------------------------------------------------------------------------------


def part(name: str) -> Any:
    """Return a part of the model of its own: a name of `grader.models.parts.Parts`."""
    from grader.models.parts import copy_of

    return copy_of(name)


def unet() -> Any:
    """Return a U-Net of its own, whose calls are logged (see `calls`)."""
    return _logged(part("unet"))


def scheduler(kind: str) -> Any:
    """Return a new scheduler of a kind that `grader.models.parts.SCHEDULERS` names, with no timesteps set."""
    from grader.models.parts import make_scheduler

    return make_scheduler(kind)


class LoggedModel:
    """A noise prediction `model(x, timestep)` that logs its calls (see `calls`)."""

    def __init__(self, predict: Callable[[Tensor, int], Tensor], *, counts_tensors: bool) -> None:
        self._predict = predict
        self._counts_tensors = counts_tensors
        _calls[self] = []

    def __call__(self, x: Tensor, timestep: int) -> Tensor:
        """Return the predicted noise, of the shape of `x`."""
        log = _calls[self]
        if len(log) < MAX_LOGGED_CALLS:
            entry: dict[str, Any] = {"timestep": _timesteps(timestep), "shape": list(x.shape)}
            if self._counts_tensors:
                entry["live_tensors"] = sum(isinstance(found, torch.Tensor) for found in gc.get_objects())
            log.append(entry)
        return self._predict(x, timestep)


def denoiser(kind: str, counts_tensors: bool = False, **settings: Any) -> LoggedModel:
    """Return an exact denoiser of `grader.models.denoisers`: a kind of `denoisers.KINDS`."""
    return LoggedModel(denoisers.KINDS[kind](**settings), counts_tensors=counts_tensors)


RECIPES: dict[str, Callable[..., Any]] = {
    **{function.__name__: function for function in (unet, scheduler, denoiser)},
    **{name: partial(part, name) for name in ("vae", "text_encoder", "tokenizer")},
}
NEW_FOR_EVERY_CALL = frozenset({"scheduler"})  # it comes fresh, as every statement promises

# --- readers ---------------------------------------------------------------------------------------------------


def calls(model: Any) -> list[dict[str, Any]]:
    """Return what a U-Net or a denoiser was called with, in order, up to `MAX_LOGGED_CALLS`.

    Each call is a dict with `timestep` (a number, or a list of them), `shape` (of the sample) and, of a U-Net, the
    shape of `text_embeddings` and `grad` (whether a graph was recorded).
    """
    return _calls[model]


def state_dict(module: nn.Module) -> dict[str, Tensor]:
    """Return all weights by name."""
    return dict(module.state_dict())


def trainable(module: nn.Module) -> list[str]:
    """Return the names of the parameters that gradients are asked for."""
    return [name for name, parameter in module.named_parameters() if parameter.requires_grad]


def gradients(module: nn.Module) -> dict[str, Tensor]:
    """Return the gradients that are there, by the name of their parameter."""
    return {name: p.grad for name, p in module.named_parameters() if p.grad is not None}


def file(name: str) -> Any:
    """Return the bytes of a file in the worker's private folder as an array, None if there is none."""
    path = Path(name)
    if not path.is_file() or path.stat().st_size > MAX_FILE_BYTES:
        return None
    return np.frombuffer(path.read_bytes(), dtype=np.uint8)


READERS: dict[str, Callable[..., Any]] = {
    function.__name__: function for function in (calls, state_dict, trainable, gradients, file)
}


def _logged(module: nn.Module) -> nn.Module:
    log: list[dict[str, Any]] = []

    def note(_module: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        if len(log) >= MAX_LOGGED_CALLS:
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


def _timesteps(value: Any) -> Any:
    if isinstance(value, torch.Tensor | np.generic | np.ndarray):
        return value.tolist()
    return value if isinstance(value, int | float) else None
