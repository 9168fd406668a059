"""The model of a submission as bounded JSON: what the child that reads makes of it, and the judge takes back.

Both follow the annotations of the classes in `grader.submission`, so that a new field travels by itself. The judge
takes nothing for granted: every value is of the type that is annotated, the number of values is counted before one of
them is made, types cannot nest in themselves, and no path leads out of the folder that it will be written into.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import enum
import functools
import re
import sys
import types
import typing
from collections.abc import Mapping, Sequence, Set
from pathlib import PurePosixPath
from typing import Any

import msgspec

import grader.submission.notebook.reading  # noqa: F401 - its classes are among those that travel
from grader.sandbox import limits
from grader.sandbox.wire.frames import WireError, without_controls
from grader.submission.model import File, Submission
from grader.submission.slices import HEADER, Statement
from grader.submission.text import name_problem

_SUBMISSION: Any = Submission
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SHOWN = {"name", "path", "sentence", "file", "label"}  # fields that messages contain as they are; all others hold code
_DEEPEST = 200  # blocks in blocks; Python takes a hundred levels of indentation, and twenty blocks in one function
_SEPARATORS = (b",", b"[", b"{")  # in JSON, a value has at least one of them before it


def prepare() -> None:
    """Make what both directions need, once for all children."""
    _wire_type(_SUBMISSION)


def encode(submission: Submission) -> bytes:
    """Return a submission as JSON; raise `WireError` if it has more in it than the limits allow."""
    try:
        data = msgspec.json.encode(_plain(submission))
    except UnicodeEncodeError:  # half a character, from a notebook's JSON; no such cell is ever run
        data = msgspec.json.encode(_plain(submission, mended=True))
    _measure(data)
    return data


def decode(data: bytes | memoryview) -> Submission:
    """Return the submission; raise `WireError` for anything that does not describe one."""
    whole = bytes(data)
    _measure(whole)
    try:
        submission = _made(msgspec.json.decode(whole, type=_wire_type(_SUBMISSION)))
    except (msgspec.MsgspecError, RecursionError, ValueError, TypeError) as error:
        raise WireError("an answer that is not a submission") from error
    if not isinstance(submission, Submission) or not _SHA256.fullmatch(submission.sha256):
        raise WireError("an answer that is not a submission")
    return submission


def _measure(data: bytes) -> None:
    if len(data) > limits.MAX_BUFFER_BYTES or sum(map(data.count, _SEPARATORS)) > limits.MAX_READ_VALUES:
        raise WireError("a submission with too much in it")


# --- to JSON -------------------------------------------------------------------------------------------------------


def _plain(value: Any, *, mended: bool = False) -> Any:
    """Return a value of the model as lists, dicts and what is in JSON anyway."""
    again = functools.partial(_plain, mended=mended)
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode() if mended else value
    cls: Any = type(value)
    if names := _field_names(cls):
        tag = [cls.__name__] if _has_family(cls) else []
        return [*tag, *(again(getattr(value, name)) for name in names)]
    if isinstance(value, Mapping):
        return {again(key): again(each) for key, each in value.items()}
    if isinstance(value, Set):
        return sorted(map(again, value))
    if isinstance(value, Sequence):
        return list(map(again, value))
    return value


# --- from JSON -----------------------------------------------------------------------------------------------------


@functools.cache
def _wire_type(hint: Any) -> Any:
    """Return the type by which msgspec decodes what is annotated like this."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return typing.Union[tuple(map(_wire_type, inner))]  # noqa: UP007 - of types that are known only now
    if origin in _CONTAINERS:
        return _CONTAINERS[origin][tuple(each if each is ... else _wire_type(each) for each in inner)]
    cls: Any = hint if isinstance(hint, type) else object
    if not _field_names(cls):
        return hint
    return typing.Union[tuple(_struct(each) for each in _family(cls))]  # noqa: UP007


_CONTAINERS: dict[Any, Any] = {
    Mapping: dict, dict: dict, tuple: tuple, frozenset: frozenset, set: set, Set: frozenset,
    list: list, Sequence: list, collections.abc.Collection: list, collections.abc.Iterable: list,
}  # fmt: skip
_CLASSES: dict[type[msgspec.Struct], type] = {}  # what each struct on the wire stands for


@functools.cache
def _struct(cls: type) -> type[msgspec.Struct]:
    hints = typing.get_type_hints(cls, localns=_annotating_names())
    fields = [(f"{name.lstrip('_')}_", _wire_type(hints[name])) for name in _field_names(cls)]
    tag = cls.__name__ if _has_family(cls) else None
    made = msgspec.defstruct(cls.__name__, fields, tag=tag, array_like=True, forbid_unknown_fields=True, frozen=True)
    _CLASSES[made] = cls
    return made


def _annotating_names() -> dict[str, Any]:
    """Return what annotations may name, including what modules import for type checkers alone."""
    names = {name: getattr(collections.abc, name) for name in collections.abc.__all__}
    modules = [module for name, module in sys.modules.items() if name.startswith("grader.submission")]
    return names | {
        name: value for module in modules for name, value in vars(module).items() if isinstance(value, type)
    }


def _made(value: Any) -> Any:
    """Return a value of the model from what msgspec has decoded."""
    if cls := _CLASSES.get(type(value)):
        names = _field_names(cls)
        fields = [_made(getattr(value, wire)) for wire in value.__struct_fields__]
        for name, field in zip(names, fields, strict=True):
            _check_field(name, field)
        made = cls(*fields)
        if isinstance(made, File):
            _check_path(made)
            _check_statements(made.statements)
        return made
    if type(value) is dict:
        _check_names(value)
        return {key: _made(each) for key, each in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(_made, value))
    if type(value) in (set, frozenset):
        _check_names(value)
    return value


def _check_field(name: str, value: Any) -> None:
    """Raise `ValueError` for texts that would spoil a message."""
    texts = value if isinstance(value, list | tuple) else [value]
    if name in _SHOWN and any(without_controls(text) != text for text in texts):
        raise ValueError("a text with control characters")


def _check_path(file: File) -> None:
    """Raise `ValueError` for a file that would be written somewhere else than into a submission's folder."""
    path = PurePosixPath(file.path)
    leads_away = path.is_absolute() or ".." in path.parts or str(path) != file.path or file.path == "."
    if not file.faults and (leads_away or name_problem(file.path)):
        raise ValueError("a path that a submission cannot have")


def _check_statements(statements: Sequence[Statement]) -> None:
    """Raise `ValueError` for blocks that no code has: one that stands in itself, or in a hundred others."""
    depths: list[int] = []
    for index, statement in enumerate(statements):
        parent, block = statement.parent, statement.block
        is_below_header = parent == -1 or (0 <= parent < index and statements[parent].kind == HEADER)
        if not is_below_header or not -1 <= block <= index:
            raise ValueError("a statement that stands nowhere")
        if statement.kind == HEADER and (
            block < 0 or (statements[block].block, statements[block].parent) != (block, parent)
        ):
            raise ValueError("a block without a beginning")
        depths.append(depths[parent] + 1 if parent >= 0 else 0)
        if depths[-1] > _DEEPEST:
            raise ValueError("blocks in blocks without end")


def _check_names(names: collections.abc.Iterable[Any]) -> None:
    if not all(name.isprintable() for name in names if isinstance(name, str)):
        raise ValueError("a name with control characters")


# --- classes -------------------------------------------------------------------------------------------------------


@functools.cache
def _field_names(cls: Any) -> tuple[str, ...]:
    """Return the fields of a dataclass or a named tuple; none for any other class."""
    if dataclasses.is_dataclass(cls):
        return tuple(field.name for field in dataclasses.fields(cls) if field.init)
    if issubclass(cls, tuple) and not issubclass(cls, enum.Enum):
        return getattr(cls, "_fields", ())
    return ()


def _family(cls: Any) -> list[type]:
    """Return a class with all that derive from it."""
    return [cls, *(each for derived in cls.__subclasses__() for each in _family(derived))]


@functools.cache
def _has_family(cls: Any) -> bool:
    """Tell whether a value must say of which class it is."""
    related: tuple[Any, ...] = (*cls.__subclasses__(), *cls.__bases__)
    return dataclasses.is_dataclass(cls) and any(map(dataclasses.is_dataclass, related))
