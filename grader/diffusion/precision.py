"""Models that compute in another precision or on another device, and still take and return float32 on the CPU.

A statement says what a function gets: float32 tensors on the CPU. The networks of a real Stable Diffusion compute in
half precision on a GPU; these classes move inputs there and results back, so that one statement, one solution
and one check hold for every device and dtype. Only the networks' own rounding still differs.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor, nn

_METHODS = ("forward", "encode", "decode")  # a U-Net and a text encoder have the first, an autoencoder all three
_CPU = torch.device("cpu")
_FEWEST_AXES = 2  # of what is cast: a timestep keeps its precision, as in the pipelines


def hide_precision(module: nn.Module) -> None:
    """Make a module take tensors of any dtype and device, and return its results in theirs.

    It reports that it is float32 and on the CPU. Its weights stay as they are, and where they are.
    """
    kind: Any = type(module)
    module.__class__ = _hiding(kind)


@functools.cache
def _hiding(kind: Any) -> type:
    """Return the class under its own name, its methods wrapped."""
    wrapped: dict[str, Any] = {
        name: _wrapped(getattr(kind, name)) for name in _METHODS if callable(getattr(kind, name, None))
    }
    said = {"dtype": property(lambda _self: torch.float32), "device": property(lambda _self: _CPU)}
    return type(kind.__name__, (kind,), {**wrapped, **said, "__module__": kind.__module__})


def _wrapped(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def call(self: nn.Module, *arguments: Any, **keywords: Any) -> Any:
        home = next(self.parameters())
        if home.device == _CPU and home.dtype == torch.float32:  # after `.float()`, for example
            return method(self, *arguments, **keywords)
        given = [value for value in (*arguments, *keywords.values()) if isinstance(value, torch.Tensor)]
        kinds = [value.dtype for value in given if _is_cast(value)]
        dtype = kinds[0] if kinds else torch.float32
        back = given[0].device if given else _CPU
        made = method(
            self,
            *(_moved(value, home.device, home.dtype) for value in arguments),
            **{name: _moved(value, home.device, home.dtype) for name, value in keywords.items()},
        )
        return _moved(made, back, dtype)

    return call


def _is_cast(tensor: Tensor) -> bool:
    return tensor.is_floating_point() and tensor.ndim >= _FEWEST_AXES


def _moved(value: Any, device: torch.device, dtype: torch.dtype) -> Any:
    """Return a value with all tensors in it moved, and those that are not timesteps cast."""
    if isinstance(value, torch.Tensor):
        # In one memory layout. Another layout means other kernels, and in half precision a guided prediction has only
        # two or three digits: they must not depend on how a tensor was made.
        return value.to(device, dtype).contiguous() if _is_cast(value) else value.to(device)
    if type(value).__name__ == "DiagonalGaussianDistribution":
        return type(value)(_moved(value.parameters, device, dtype), deterministic=value.deterministic)
    if isinstance(value, dict):  # the outputs of the libraries' models are dicts, too
        return type(value)(**{name: _moved(item, device, dtype) for name, item in value.items()})
    if type(value) in (list, tuple):
        return type(value)(_moved(item, device, dtype) for item in value)
    return value
