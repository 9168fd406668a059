"""Whether a value that came from a worker is of a type, down to its leaves.

Understood are `None`, `bool`, `int`, `float`, `str`, `torch.Tensor`, NumPy arrays (of any dtype, or of one:
`numpy.typing.NDArray[numpy.uint8]`), `PIL.Image.Image`, `list[T]`, `dict[K, V]`, `tuple[T, ...]`, `tuple[T, U]`,
unions, and classes derived from `TypedDict`. Types are exact: True is not an int, nor 1 a float.
"""

from __future__ import annotations

import types
import typing
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable


def type_test(wanted: Any) -> Callable[[Any], bool]:
    """Return the function that tells whether a value is of a type.

    Raises:
        TypeError: the type, or a part of it, is not among those that are understood.
    """
    if wanted is None or wanted is types.NoneType:
        return lambda value: value is None
    if wanted in (bool, int, float, str):
        return lambda value: type(value) is wanted
    if wanted in (torch.Tensor, np.ndarray, Image.Image):
        return lambda value: isinstance(value, wanted)
    if typing.is_typeddict(wanted):
        return _typed_dict(wanted)
    if make := _OF_MANY.get(typing.get_origin(wanted)):
        return make(*typing.get_args(wanted))
    raise TypeError(f"a reader cannot promise {wanted}: see `grader.sandbox.outside.answer_types` for what it can.")


def _union(*parts: Any) -> Callable[[Any], bool]:
    tests = [type_test(part) for part in parts]
    return lambda value: any(test(value) for test in tests)


def _array(_shape: Any, of: Any) -> Callable[[Any], bool]:
    [dtype] = typing.get_args(of)
    return lambda value: isinstance(value, np.ndarray) and value.dtype == dtype


def _list(item: Any) -> Callable[[Any], bool]:
    test = type_test(item)
    return lambda value: type(value) is list and all(map(test, value))


def _dict(key: Any, item: Any) -> Callable[[Any], bool]:
    keys, items = type_test(key), type_test(item)
    return lambda value: type(value) is dict and all(map(keys, value)) and all(map(items, value.values()))


def _tuple(*parts: Any) -> Callable[[Any], bool]:
    if parts[1:] == (...,):
        item = type_test(parts[0])
        return lambda value: type(value) is tuple and all(map(item, value))
    tests = [type_test(part) for part in parts]

    def matches(value: Any) -> bool:
        fits = type(value) is tuple and len(value) == len(tests)
        return fits and all(test(part) for test, part in zip(tests, value, strict=True))

    return matches


def _typed_dict(wanted: Any) -> Callable[[Any], bool]:
    tests = {name: type_test(kind) for name, kind in typing.get_type_hints(wanted).items()}

    def matches(value: Any) -> bool:
        if type(value) is not dict or not wanted.__required_keys__ <= value.keys() <= tests.keys():
            return False
        return all(tests[name](part) for name, part in value.items())

    return matches


_OF_MANY: dict[Any, Callable[..., Callable[[Any], bool]]] = {
    typing.Union: _union, types.UnionType: _union, np.ndarray: _array, list: _list, dict: _dict, tuple: _tuple,
}  # fmt: skip
