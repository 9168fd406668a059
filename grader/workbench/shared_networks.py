"""Networks that one worker gives to many edited copies of a submission, and what these networks have answered.

Copying a network, and asking it what it was asked before, takes most of the time of such a copy. In the worker of one
submission nothing here is used: its networks are its own.
"""

from __future__ import annotations

import copy
import functools
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.nn.modules import module as registration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MOST_BYTES = 2**28  # of answers
SMALL = 500_000  # numbers of a network that is compared at every question
_ASKED = ("forward", "encode", "decode")  # the methods of diffusers' and transformers' networks that compute


class _Network:
    """A copy of one of the model's networks that is given out again and again, beside the original."""

    def __init__(self, made: nn.Module, original: nn.Module) -> None:
        self.made = made
        self._modules = [*zip(made.modules(), original.modules(), strict=True)]
        self._own = {id(module) for module, _ in self._modules}
        self._parameters = [*zip(made.parameters(), original.parameters(), strict=True)]
        self._versions = [parameter._version for parameter, _ in self._parameters]
        self._config = original.config
        self._is_small = sum(parameter.numel() for parameter in original.parameters()) < SMALL

    def __contains__(self, module: nn.Module) -> bool:
        return id(module) in self._own

    def restore(self) -> bool:
        """Make it what it was, and tell whether that can be done: it has no other parts, and no other settings."""
        for own in (self.made._forward_hooks, self.made._forward_pre_hooks, self.made._forward_pre_hooks_with_kwargs):
            own.clear()
        if self.made.config != self._config or not all(_is_alike(one, other) for one, other in self._modules):
            return False
        for (parameter, original), was in zip(self._parameters, self._versions, strict=True):
            if parameter.shape != original.shape or parameter.dtype != original.dtype:
                return False
            if parameter._version != was or (self._is_small and not torch.equal(parameter, original)):
                parameter.detach().copy_(original)
            parameter.requires_grad_(original.requires_grad)
            parameter.grad = None
        self._versions = [parameter._version for parameter, _ in self._parameters]
        return True

    def is_untouched(self) -> bool:
        """Tell whether nobody has written into its weights since it was given out, as far as that costs little."""
        if any(p._version != was for (p, _), was in zip(self._parameters, self._versions, strict=True)):
            return False
        return not self._is_small or self.has_equal_weights()

    def has_equal_weights(self) -> bool:
        """Tell whether its weights are those of the original, to the bit."""
        return all(torch.equal(parameter, original) for parameter, original in self._parameters)


class _Shared:
    """The networks of this worker that are given out again."""

    def __init__(self) -> None:
        self.is_watching = False
        self.idle: dict[str, _Network] = {}  # by their name among the parts of the model
        self.used: dict[nn.Module, _Network] = {}  # in the example that is going on
        self.rebuilt = False  # whether somebody has put a module or a parameter into one of these

    def note(self, module: nn.Module, *_: Any) -> None:
        """Note that a module or a parameter was put into a network; what a network makes as it computes is not."""
        self.rebuilt |= any(module in network for network in self.used.values())


_shared = _Shared()


def taken(name: str) -> nn.Module | None:
    """Return the network that was put away under this name, as good as new; None if there is none."""
    found = _shared.idle.pop(name, None)
    if found is None:
        return None
    _shared.used[found.made] = found
    return found.made


def put_away(objects: Iterable[Any]) -> None:
    """Put away those networks that an example is done with, if they can be made what they were before it."""
    from grader.diffusion import loading

    if not _shared.is_watching:
        _shared.is_watching = True
        _watch([type(getattr(loading.in_use().components, name)) for name in loading.NETWORKS])
    for name in loading.NETWORKS if not _shared.rebuilt else ():
        original = getattr(loading.in_use().components, name)
        for made in objects:
            if type(made) is type(original) and (network := _known(made, original)) and network.restore():
                _shared.idle[name] = network
    _shared.used.clear()
    _shared.rebuilt = False


def _known(made: nn.Module, original: nn.Module) -> _Network | None:
    """Return what is known of a copy of a network; None if it has other parts than the original."""
    found = _shared.used.get(made)
    if found is None and [*map(type, made.modules())] == [*map(type, original.modules())]:
        found = _Network(made, original)
        return found if found.has_equal_weights() else None
    return found


def _is_alike(one: nn.Module, other: nn.Module) -> bool:
    return (
        one.training == other.training
        and not one._forward_hooks
        and not one._forward_pre_hooks
        and getattr(one, "gradient_checkpointing", False) == getattr(other, "gradient_checkpointing", False)
    )


# --- what networks have answered ---------------------------------------------------------------------------------


class _Answers:
    """What networks have answered, by the arguments: without a graph, and where nothing is drawn."""

    def __init__(self) -> None:
        self.known: dict[Any, Any] = {}
        self.bytes = 0

    def keep(self, key: Any, answer: Any) -> None:
        """Keep an answer; where there are too many, forget the earlier ones."""
        size = sum(tensor.nbytes for tensor in _tensors(answer))
        if self.bytes + size > MOST_BYTES:
            self.known.clear()
            self.bytes = 0
        self.known[key] = answer
        self.bytes += size


def _watch(kinds: Iterable[type[nn.Module]]) -> None:
    """Have networks of some classes answer from memory what they were asked before."""
    registration.register_module_module_registration_hook(_shared.note)
    registration.register_module_parameter_registration_hook(_shared.note)
    for kind in kinds:
        for name in _ASKED:
            if name in vars(kind):
                setattr(kind, name, _remembering(vars(kind)[name], _Answers()))


def _remembering(method: Callable[..., Any], answers: _Answers) -> Callable[..., Any]:
    @functools.wraps(method)
    def answered(network: nn.Module, *arguments: Any, **keywords: Any) -> Any:
        key = _key(network, arguments, keywords)
        if key is None:
            return method(network, *arguments, **keywords)
        if key not in answers.known:
            answers.keep(key, method(network, *arguments, **keywords))
        return copy.deepcopy(answers.known[key])  # whoever gets it may write into it

    return answered


def _key(network: nn.Module, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """Return what decides an answer, None if it cannot be told."""
    known = _shared.used.get(network)
    if known is None or _shared.rebuilt or torch.is_grad_enabled() or network.training or not known.is_untouched():
        return None
    given = [*arguments, *keywords.values()]
    if not all(isinstance(value, torch.Tensor | bool | int | float | str | None) for value in given):
        return None
    return len(arguments), *keywords, *map(_bits, given)


def _bits(value: Any) -> Any:
    if not isinstance(value, torch.Tensor):
        return type(value), value
    return value.dtype, value.shape, value.detach().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()


def _tensors(answer: Any) -> list[torch.Tensor]:
    values = answer if isinstance(answer, tuple) else answer.values() if isinstance(answer, dict) else [answer]
    return [value for value in values if isinstance(value, torch.Tensor)]
