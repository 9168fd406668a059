"""Empties forbidden modules that are in memory all the same: their classes can be found, but there is nothing in them.

Removing a module from `sys.modules` is not enough: `type.__subclasses__(object)` leads to every class of it, and a
class leads to its functions. What the worker itself computes with is left alone.
"""

from __future__ import annotations

import functools
import linecache
import sys
from types import FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from types import CodeType, ModuleType

_COMPUTES_WITH = {"grader", "msgspec", "numpy", "PIL", "torch"} | sys.stdlib_module_names
_GONE = "This is part of a module that may not be used in this exercise."
_CODE = (FunctionType, property, staticmethod, classmethod, functools.cached_property, functools.partialmethod)


def empty(names: Collection[str]) -> None:
    """Take functions, properties and methods out of these modules, which must not be needed from now on."""
    modules = {name: module for name, module in sys.modules.items() if name in names and module is not None}
    modules = {name: module for name, module in modules.items() if name.partition(".")[0] not in _COMPUTES_WITH}
    if not modules:
        return
    emptied: set[int] = set()
    for found in _classes():
        if vars(found).get("__module__") in modules:
            _empty_class(found, modules, emptied)
    for module in modules.values():
        for value in list(vars(module).values()):
            _empty_functions(value, modules, emptied)
        vars(module).clear()
    linecache.clearcache()  # lines that a warning has shown


def _classes() -> Iterator[type]:
    """Yield every class there is, each once."""
    found, waiting = {object}, [object]
    while waiting:
        for each in type.__subclasses__(waiting.pop()):
            if each not in found:
                found.add(each)
                waiting.append(each)
                yield each


def _empty_class(emptied_class: type, modules: dict[str, ModuleType], emptied: set[int]) -> None:
    for name, value in list(vars(emptied_class).items()):
        _empty_functions(value, modules, emptied)
        if isinstance(value, _CODE):
            type.__delattr__(emptied_class, name)


def _empty_functions(value: Any, modules: dict[str, ModuleType], emptied: set[int]) -> None:
    """Take the code out of the functions of these modules that a value is or wraps, for whoever holds them."""
    if id(value) in emptied or not isinstance(value, _CODE):
        return
    emptied.add(id(value))
    if isinstance(value, FunctionType):
        if value.__globals__.get("__name__") in modules:
            value.__code__ = _no_code(value.__code__.co_freevars)
        inner = [vars(value).get("__wrapped__"), *(_content(cell) for cell in value.__closure__ or ())]
    elif isinstance(value, property):
        inner = [value.fget, value.fset, value.fdel]
    else:
        inner = [getattr(value, "__func__", None) or getattr(value, "func", None)]
    for each in inner:
        _empty_functions(each, modules, emptied)


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # it is empty
        return None


@functools.cache
def _no_code(free: tuple[str, ...]) -> CodeType:
    """Return the code of a function that only says that it is gone, with these free variables."""
    names = ", ".join(free)
    made: dict[str, Any] = {}
    text = f"def outer({names}):\n def gone(*_, **__):\n  {names or None}\n  raise ImportError({_GONE!r})\n return gone"
    exec(text, made)
    code: CodeType = made["outer"](*free).__code__
    return code
