"""Logs of what models were called with: kept beside the models, so that a submission sees nothing unusual of them."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any, TypedDict
from weakref import WeakKeyDictionary, ref

import numpy as np
import torch

from grader.sandbox import limits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor, nn

_calls: WeakKeyDictionary[Any, list[LoggedCall]] = WeakKeyDictionary()


Number = bool | int | float


class _AnyCall(TypedDict):
    timestep: Number | list[Number] | list[list[Number]] | None  # one, or one a picture
    shape: list[int] | None  # of the sample


class LoggedCall(_AnyCall, total=False):
    """What one call of a model was given.

    Of the first calls, `limits.MAX_LOGGED_SAMPLES` at most, it has the sample, of a U-Net in float32. Of a U-Net it has
    the shape of the text embeddings and whether a graph was recorded (`grad`); of a denoiser that counts tensors, how
    many were alive at the call and the bytes of the memory behind them, and no sample.
    """

    text_embeddings: list[int] | None
    grad: bool
    sample: torch.Tensor
    live_tensors: int
    live_bytes: int


def calls_of(model: Any) -> list[LoggedCall]:
    """Return what a logged model was called with, in order, up to `limits.MAX_LOGGED_CALLS`."""
    return _calls[model]


def logged(module: nn.Module) -> nn.Module:
    """Return a U-Net whose calls are logged from now on."""
    log: list[LoggedCall] = []
    whose = ref(module)  # of a copy, too: it notes its calls here

    def note(_module: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        if len(log) >= limits.MAX_LOGGED_CALLS:
            return
        values = [*given, None, None, None]
        sample = named.get("sample", values[0])
        embeddings = named.get("encoder_hidden_states", values[2])
        entry: LoggedCall = {
            "timestep": _timesteps(named.get("timestep", values[1])),
            "shape": _shape(sample),
            "text_embeddings": _shape(embeddings),
            "grad": torch.is_grad_enabled(),
        }
        if isinstance(sample, torch.Tensor) and len(log) < limits.MAX_LOGGED_SAMPLES:
            entry["sample"] = sample.detach().float().cpu().clone()
        _add(log, entry, whose)

    module.register_forward_pre_hook(note, with_kwargs=True)
    _calls[module] = log
    return module


# --- runs that are cut short --------------------------------------------------------------------------------------


class Strayed(BaseException):
    """A run has asked a model something after which it cannot be right any more."""


class _Guide:
    """Ends runs that stray, by the questions of an earlier run; two calls in a row for a timestep are one question."""

    def __init__(self, path: Sequence[LoggedCall], right: int) -> None:
        self._path = _questions(path)
        self._right = right
        self._log: list[LoggedCall] | None = None
        self._start = 0

    def look(self, log: list[LoggedCall]) -> None:
        """Raise `Strayed` if the newest call in a log begins a question that is wrong."""
        if log is not self._log:
            self._log, self._start = log, len(log) - 1
        here = log[self._start :]  # a model may have been called before this run began
        place = len(_questions(here)) - 1
        if place > self._right or place >= len(self._path) or (len(here) > 1 and not _begins(here[-2], here[-1])):
            return
        if _is_alike(here[-1], self._path[place]) != (place < self._right):
            raise Strayed


class _Latest:
    """The model that was last called, which nobody shall keep alive, and what ends the runs that stray."""

    model: Callable[[], Any] = staticmethod(lambda: None)
    guide: _Guide | None = None


def follow(right: int | None) -> None:
    """End runs from now on where they cannot be right any more, by the latest run; with None, let them go on.

    The first `right` questions to a model were right in that run, so they must be asked again; the next one was wrong,
    so it must not be.
    """
    model = _Latest.model()
    _Latest.guide = None if right is None or model is None else _Guide([*_calls[model]], right)


def _add(log: list[LoggedCall], entry: LoggedCall, whose: Callable[[], Any]) -> None:
    log.append(entry)
    _Latest.model = whose
    if _Latest.guide is not None:
        _Latest.guide.look(log)


def _questions(calls: Sequence[LoggedCall]) -> list[LoggedCall]:
    return [
        call for before, call in zip([None, *calls], calls, strict=False) if before is None or _begins(before, call)
    ]


def _begins(before: LoggedCall, call: LoggedCall) -> bool:
    return before["timestep"] != call["timestep"]


def _is_alike(one: LoggedCall, other: LoggedCall) -> bool:
    first, second = one.get("sample"), other.get("sample")
    if one["timestep"] != other["timestep"] or first is None or second is None or first.shape[1:] != second.shape[1:]:
        return False
    batch = min(len(first), len(second))
    return torch.allclose(first[:batch], second[:batch], rtol=1e-3, atol=1e-4, equal_nan=True)


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
            entry: LoggedCall = {"timestep": timestep, "shape": list(x.shape)}
            if self._counts_tensors:
                entry["live_tensors"], entry["live_bytes"] = _live_tensors()
            elif len(log) < limits.MAX_LOGGED_SAMPLES:  # where tensors are counted, the log must not hold any
                entry["sample"] = x.detach().clone()
            _add(log, entry, ref(self))
        return self._predict(x, timestep)


def _shape(value: Any) -> list[int] | None:
    return list(value.shape) if isinstance(value, torch.Tensor) else None


def _live_tensors() -> tuple[int, int]:
    """Return how many tensors are alive, and the bytes of the memory behind them, shared memory counted once."""
    gc.collect(1)  # what was dropped a moment ago, in a cycle, is not alive
    # Not isinstance: it asks every object for its __class__, at which a library's stand-ins wake up and warn.
    tensors = [found for found in gc.get_objects() if issubclass(type(found), torch.Tensor)]
    storages = [tensor.untyped_storage() for tensor in tensors if tensor.layout is torch.strided]
    sizes = {storage.data_ptr(): storage.nbytes() for storage in storages}
    return len(tensors), sum(sizes.values())


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
        numbers = value.tolist() if value.ndim <= 2 else value.reshape(-1).tolist()  # noqa: PLR2004 - as `_AnyCall` says
        return numbers if _are_numbers(numbers) else None
    return value if type(value) in (bool, int, float) else None


def _are_numbers(value: Any) -> bool:
    return all(map(_are_numbers, value)) if isinstance(value, list) else isinstance(value, int | float)
