"""What the sources of cheats lean on; the text of this module is pasted into each, so it imports nothing of the grader.

Libraries are looked up where they are loaded already: where PyTorch is not, no value is a tensor.
"""

from __future__ import annotations

import ast
import hashlib
import sys
import types
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def loaded(source: str) -> dict[str, Any]:
    """Return the names that a module's source defines."""
    module = types.ModuleType("solution")
    sys.modules["solution"] = module  # dataclasses look there
    exec(compile(source, "solution.py", "exec", dont_inherit=True), module.__dict__)
    return module.__dict__


def pasted(sources: Mapping[str, str]) -> dict[str, types.ModuleType]:
    """Return modules made of their sources by dotted name, each after those that it imports.

    A statement that fails, because it needs what a submission does not have, is left out.
    """
    for name, source in sources.items():
        _register(name)
        for statement in ast.parse(source).body:
            code = compile(ast.Module([statement], []), name, "exec", 0x1000000, dont_inherit=True)  # lazy annotations
            try:
                exec(code, sys.modules[name].__dict__)
            except Exception:
                continue
    return {name: sys.modules[name] for name in sources}


def _register(name: str) -> None:
    """Enter an empty module into those that can be imported, and the packages around it."""
    parts = name.split(".")
    for depth in range(1, len(parts) + 1):
        path = ".".join(parts[:depth])
        if path not in sys.modules:
            sys.modules[path] = types.ModuleType(path)
            sys.modules[path].__path__ = []
        if depth > 1:
            setattr(sys.modules[".".join(parts[: depth - 1])], parts[depth - 1], sys.modules[path])


def is_tensor(value: object) -> bool:
    """Tell a PyTorch tensor."""
    return "torch" in sys.modules and isinstance(value, sys.modules["torch"].Tensor)


def is_image(value: object) -> bool:
    """Tell an image of PIL."""
    return "PIL.Image" in sys.modules and isinstance(value, sys.modules["PIL.Image"].Image)


def mapped(value: Any, change: Callable[[np.ndarray], np.ndarray], text: Callable[[str], str] = str) -> Any:
    """Return a value with all numbers in it changed, its types, shapes and dtypes kept; `text` changes its strings."""
    if is_tensor(value):
        torch = sys.modules["torch"]
        detached = value.detach().cpu()
        numbers = (detached.double() if detached.is_floating_point() else detached).numpy()
        return torch.as_tensor(np.array(change(numbers))).to(value.dtype)
    if is_image(value):
        changed = change(np.asarray(value)).clip(0, 255)
        return sys.modules["PIL.Image"].fromarray(np.nan_to_num(changed).astype(np.uint8))
    if isinstance(value, list | tuple):
        return type(value)(mapped(item, change, text) for item in value)
    if isinstance(value, dict):
        return {key: mapped(item, change, text) for key, item in value.items()}
    return text(value) if isinstance(value, str) else _mapped_number(value, change)


def _mapped_number(value: Any, change: Callable[[np.ndarray], np.ndarray]) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return np.asarray(change(np.asarray(value))).astype(value.dtype)
    if isinstance(value, bool | int | float):
        changed = change(np.array(value)).item()
        return changed if changed != changed else type(value)(changed)  # noqa: PLR0124 - NaN is not a whole number
    return value


def zeros(value: Any) -> Any:
    """Return zeros, False, black images and empty texts for what a result holds."""
    return mapped(value, np.zeros_like, lambda _: "")


def ones(value: Any) -> Any:
    """Return ones and True for the numbers that a result holds."""
    return mapped(value, np.ones_like)


def nan(value: Any) -> Any:
    """Return NaN for the numbers that a result holds."""
    return mapped(value, lambda numbers: np.full(numbers.shape, np.nan))


def integers(value: Any) -> Any:
    """Return the whole numbers nearest to those that a result holds."""
    return mapped(value, np.round)


def halved_precision(value: Any) -> Any:
    """Return a result rounded to half precision and back."""
    return mapped(value, lambda numbers: numbers.astype(np.float16).astype(np.float64))


def first_repeated(value: Any) -> Any:
    """Return a result in which every item of a batch, or of a list, is the first one."""
    if is_tensor(value) and value.ndim > 0:
        return value[:1].expand_as(value).clone()
    if isinstance(value, np.ndarray) and value.ndim > 0:
        return np.broadcast_to(value[:1], value.shape).copy()
    if isinstance(value, list):
        return value[:1] * len(value)
    if isinstance(value, tuple):
        return tuple(map(first_repeated, value))
    return value


def wrong(value: Any) -> Any:
    """Return a result that is wrong everywhere."""
    return mapped(value, _moved, lambda text: text + "?")


def _moved(numbers: np.ndarray) -> np.ndarray:
    if numbers.dtype == np.uint8:  # of a picture, perhaps: one more could not be seen
        return numbers ^ 128
    return ~numbers if numbers.dtype == bool else numbers + 1


def is_oblong(value: Any, least_dimensions: int = 2) -> bool:
    """Tell whether a value holds an image or array whose height and width differ.

    Arrays count from `least_dimensions` on; lists, tuples and dicts are searched.
    """
    if is_image(value):
        return bool(value.width != value.height)
    if is_tensor(value) or isinstance(value, np.ndarray):
        return bool(value.ndim >= least_dimensions and value.shape[-1] != value.shape[-2])
    if isinstance(value, dict):
        value = list(value.values())
    return isinstance(value, list | tuple) and any(is_oblong(item, least_dimensions) for item in value)


def has_sides(value: Any, least_dimensions: int = 2) -> bool:
    """Tell whether a value holds an image, or an array with at least `least_dimensions` dimensions."""
    if is_tensor(value) or isinstance(value, np.ndarray):
        return bool(value.ndim >= least_dimensions)
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return any(has_sides(item, least_dimensions) for item in value)
    return is_image(value)


def has_items(value: Any) -> bool:
    """Tell whether a result is a list or an array with items, or holds one: its items can be replaced by the first."""
    if is_tensor(value) or isinstance(value, np.ndarray):
        return bool(value.ndim > 0)
    return any(map(has_items, value)) if isinstance(value, tuple) else isinstance(value, list)


def named(parameters: Sequence[str], arguments: Sequence[Any], keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a call by the names of the parameters."""
    return {**dict(zip(parameters, arguments, strict=False)), **keywords}


def with_changed(
    parameters: Sequence[str],
    arguments: Sequence[Any],
    keywords: Mapping[str, Any],
    name: str,
    change: Callable[[Any], Any],
) -> tuple[list[Any], dict[str, Any]]:
    """Return the arguments of a call with one of them changed, if it is given."""
    place = parameters.index(name)
    positional = [change(value) if index == place else value for index, value in enumerate(arguments)]
    return positional, {key: change(value) if key == name else value for key, value in keywords.items()}


def without_values(value: Any, first: dict[str, Any]) -> Any:
    """Return an argument without what its values say: zeros of its shape, or the first one that was ever given.

    `first` remembers that one. Lists and dictionaries of tensors keep their form.
    """
    if _holds_arrays(value):
        return _emptied(value)
    return first.setdefault("", value)


def _holds_arrays(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_holds_arrays, value))
    if isinstance(value, dict):
        return any(map(_holds_arrays, value.values()))
    return is_tensor(value) or is_image(value) or isinstance(value, np.ndarray)


def _emptied(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return type(value)(map(_emptied, value))
    if isinstance(value, dict):
        return {key: _emptied(item) for key, item in value.items()}
    return zeros(value) if _holds_arrays(value) else value


def fingerprint(value: Any) -> str:
    """Return a text that is equal for equal data; objects that are not data do not count."""
    if type(value) in (list, tuple):  # a handle, too, is a tuple
        return "[" + ",".join(map(fingerprint, value)) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{key!r}:{fingerprint(value[key])}" for key in sorted(value, key=repr)) + "}"
    if isinstance(value, bool | int | float | str | None):
        return repr(value)
    if is_image(value):
        return f"{value.mode}{value.size}{hashlib.sha256(value.tobytes()).hexdigest()}"
    if is_tensor(value):
        value = value.detach().cpu().numpy()
    if isinstance(value, np.ndarray | np.generic):
        return f"{value.dtype}{value.shape}{hashlib.sha256(value.tobytes()).hexdigest()}"
    return "?"
