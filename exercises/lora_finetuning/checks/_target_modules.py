"""Which modules of a U-Net PEFT adapts when it is given a list of names."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from exercises.lora_finetuning.checks._unets import TARGETS, Twins, own
from grader.checks.assertions import CheckFailure
from grader.checks.text import describe, describe_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.sandbox.wire.handles import Handle

_MOST_KEPT = 256  # lists of names


def assert_module_names(actual: object, unet: Handle) -> list[str]:
    """Return the names of the modules that PEFT adapts when it gets a submission's list, or raise `CheckFailure`."""
    __tracebackhide__ = True
    if type(actual) is not list:
        found = "None" if actual is None else f"of type {describe_type(actual)}"
        due = "a list of strings, the names of modules"
        raise CheckFailure(f"The result is {found}; it must be {due}.", actual=describe(actual))
    if not all(type(name) is str for name in actual):
        raise CheckFailure(
            "The list must hold strings, the names of modules, and nothing else.", actual=describe(actual)
        )
    modules = [name for name, _ in own(unet).named_modules() if name]
    for name in actual:
        if not any(module == name or module.endswith(f".{name}") for module in modules):
            hint = " It is the name of a parameter." if name in dict(own(unet).named_parameters()) else ""
            raise CheckFailure(f"No module of this U-Net is called `{name}`, and none ends in `.{name}`.{hint}")
    try:
        return _resolved(unet, actual)
    except (ValueError, TypeError) as error:
        said = str(error).partition(" is not supported")[0].partition("\n")[0].rstrip(" (")
        sentence = "PEFT refuses this list: not everything in it is a layer it can adapt."
        raise CheckFailure(sentence, actual=said) from None


def due_modules(unet: Handle) -> list[str]:
    """Return the names of the modules that PEFT adapts when it gets the `TARGETS`."""
    return _resolved(unet, TARGETS)


_adapted: dict[tuple[str, tuple[str, ...]], list[str]] = {}  # by the U-Net and the names: a class hands in few lists


def _resolved(unet: Handle, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    key = repr(unet), tuple(names)
    if key not in _adapted:
        if len(_adapted) >= _MOST_KEPT:
            _adapted.clear()
        twin = Twins()[unet]
        adapt(twin, names, rank=1, alpha=1)
        _adapted[key] = sorted(
            name.removesuffix(".lora_A") for name, _ in twin.named_modules() if name.endswith(".lora_A")
        )
    return _adapted[key]


_reported: dict[tuple[str, int], int] = {}


def reported_numbers(unet: Handle, rank: int) -> int:
    """Return how many trainable numbers PEFT reports for an adapter of that rank on the `TARGETS`."""
    from peft import LoraConfig, get_peft_model

    key = repr(unet), rank
    if key not in _reported:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = get_peft_model(Twins()[unet], LoraConfig(r=rank, target_modules=TARGETS))
        _reported[key] = int(model.get_nb_trainable_parameters()[0])
    return _reported[key]


def adapt(unet: Any, names: Sequence[str], rank: int, alpha: int) -> None:
    from peft import LoraConfig

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        unet.add_adapter(LoraConfig(r=rank, lora_alpha=alpha, target_modules=list(names)))
