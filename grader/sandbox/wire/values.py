"""Values across the boundary: plain data as trees, decoded as if every byte were hostile.

In a tree a scalar stands for itself and everything else is a list that starts with a tag:

    ["list", item...]   ["tuple", item...]   ["dict", key, value, ...]
    ["tensor", dtype, shape, requires_grad, is_parameter, gradient or None]   (bytes in the frame's buffers)
    ["array", dtype, shape]   ["scalar", dtype]   ["image", mode, size]   ["generator"]   (likewise)
    ["handle", recipe, arguments as a dict, identity]   an object that stays in the worker, by what it is built from
    ["opaque", type name, text]   something that is not data, described

Nothing here unpickles, imports by name or calls what arrives.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np
import torch

from grader.sandbox import limits
from grader.sandbox.wire.frames import WireError, without_controls
from grader.sandbox.wire.handles import Handle

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_DTYPES: dict[str, torch.dtype] = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64, torch.complex128,
        torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.bool,
    )
}  # fmt: skip
_ARRAY_KINDS = "biufc"
_IMAGE_BYTES_PER_PIXEL = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "I": 4, "F": 4}


class Opaque(NamedTuple):
    """A value that is no data (a function, a subclass of Tensor, ...): its type's name and a short text."""

    type_name: str
    text: str


# --- values to trees -------------------------------------------------------------------------------------------


class Encoder:
    """Turns values into trees and collects the bytes of their tensors in `buffers`."""

    def __init__(self, handles: Mapping[int, Handle] | None = None) -> None:
        """Make one that sends some objects, which `handles` has by their `id`, back as handles."""
        self._handles = handles or {}
        self.recipes: set[str] = set()  # of the handles among the values
        self.buffers: list[bytes] = []
        self._nodes = 0
        self._bytes = 0

    def tree(self, value: Any, depth: int = 0) -> Any:
        """Return the tree of `value`; what is no data becomes an `Opaque`, too much of it is a `WireError`."""
        self._nodes += 1
        if self._nodes > limits.MAX_VALUES:
            raise WireError(f"more than {limits.MAX_VALUES} values in one result")
        if depth > limits.MAX_DEPTH:
            raise WireError(f"nested more than {limits.MAX_DEPTH} levels deep")
        if handle := self._handles.get(id(value)):
            return self._handle(handle, depth)
        encode = self._encoders.get(type(value))
        if encode is not None:
            return encode(self, value, depth)
        if isinstance(value, tuple):  # a named one: its names are the sender's own
            return self._sequence(value, depth)
        if isinstance(value, np.generic) and value.dtype.kind in _ARRAY_KINDS:
            array = np.asarray(value)
            self._add(array.tobytes())
            return ["scalar", array.dtype.str]
        if type(value).__module__.startswith("PIL.") and getattr(value, "mode", "") in _IMAGE_BYTES_PER_PIXEL:
            self._add(value.tobytes())
            return ["image", value.mode, list(value.size)]
        return opaque(value)

    def _make_room(self, size: int) -> None:
        if self._bytes + size > limits.MAX_BUFFER_BYTES:
            raise WireError(f"more than {limits.MAX_BUFFER_BYTES // 2**20} MiB of tensors")

    def _add(self, data: bytes) -> None:
        self._make_room(len(data))
        self._bytes += len(data)
        self.buffers.append(data)

    def _scalar(self, value: Any, _depth: int) -> Any:
        return value

    def _int(self, value: int, _depth: int) -> Any:
        return value if -(2**63) <= value < 2**64 else opaque(value)

    def _str(self, value: str, _depth: int) -> Any:
        return value.encode("utf-8", "replace").decode("utf-8")

    def _sequence(self, value: list[Any] | tuple[Any, ...], depth: int) -> Any:
        tag = "tuple" if isinstance(value, tuple) else "list"
        return [tag, *(self.tree(item, depth + 1) for item in value)]

    def _dict(self, value: dict[Any, Any], depth: int) -> Any:
        if not all(type(key) in (str, int, float, bool) for key in value):
            return opaque(value)
        return ["dict", *(self.tree(part, depth + 1) for item in value.items() for part in item)]

    def _tensor(self, value: torch.Tensor, depth: int) -> Any:
        name = str(value.dtype).removeprefix("torch.")
        odd = _oddity(value)
        if odd or name not in _DTYPES:
            return opaque(value, f"{odd or name} Tensor")
        # An expanded tensor holds one number and stands for millions: count before it is written out.
        self._make_room(value.numel() * value.element_size())
        # A copy: one number of any stride counts as contiguous, but not as bytes.
        data = value.detach().cpu().resolve_conj().resolve_neg().clone(memory_format=torch.contiguous_format)
        self._add(data.reshape(-1).view(torch.uint8).numpy().tobytes())
        gradient = self.tree(value.grad, depth + 1) if _has_fitting_gradient(value) else None
        is_parameter = type(value) is torch.nn.Parameter
        return ["tensor", name, list(value.shape), value.requires_grad, is_parameter, gradient]

    def _array(self, value: np.ndarray[Any, Any], _depth: int) -> Any:
        if value.dtype.kind not in _ARRAY_KINDS:
            return opaque(value)
        data = np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<"))
        self._add(data.tobytes())
        return ["array", data.dtype.str, list(value.shape)]

    def _handle(self, value: Handle, depth: int) -> Any:
        self.recipes.add(value.recipe)
        return ["handle", value.recipe, self._dict(dict(value.arguments), depth + 1), value.identity]

    def _generator(self, value: torch.Generator, _depth: int) -> Any:
        self._add(value.get_state().numpy().tobytes())
        return ["generator"]

    _encoders: dict[type, Callable[[Encoder, Any, int], Any]] = {  # noqa: RUF012 - never changed
        type(None): _scalar, bool: _scalar, float: _scalar, int: _int, str: _str,
        list: _sequence, tuple: _sequence, dict: _dict,
        torch.Tensor: _tensor, torch.nn.Parameter: _tensor, np.ndarray: _array, torch.Generator: _generator,
        Handle: _handle,
    }  # fmt: skip


def _oddity(tensor: torch.Tensor) -> str:
    """Return the word for a tensor that is not simply numbers in memory, "" for one that is."""
    if tensor.is_nested:
        return "nested"
    if tensor.is_quantized:
        return "quantized"
    if tensor.layout is not torch.strided:
        return str(tensor.layout).removeprefix("torch.").lstrip("_")
    return "meta" if tensor.device.type == "meta" else ""


def _has_fitting_gradient(tensor: torch.Tensor) -> bool:
    # Assigning `.data` can leave a gradient of another dtype or shape behind, which belongs to nothing.
    if not tensor.is_leaf or tensor.grad is None:
        return False
    return tensor.grad.shape == tensor.shape and tensor.grad.dtype == tensor.dtype


def opaque(value: Any, type_name: str = "") -> list[Any]:
    """Return the tree of an `Opaque` that describes `value`, whatever its `__repr__` does."""
    try:
        text = repr(value)
    except Exception as error:
        text = f"<its repr raised {type(error).__name__}>"
    name = type_name or type(value).__name__
    return [
        "opaque",
        name[: limits.MAX_DESCRIPTION],
        text[: limits.MAX_DESCRIPTION].encode("utf-8", "replace").decode("utf-8"),
    ]


# --- trees to values -------------------------------------------------------------------------------------------


class Decoder:
    """Turns trees back into values, taking tensor bytes from `buffers` in the order they were written."""

    def __init__(self, buffers: memoryview, resolve: Callable[[Handle, bytes], Any] | None = None) -> None:
        """`resolve` gives the object of a handle, told the bytes that it was written in; without it, it stays one."""
        self._resolve = resolve
        self._buffers = buffers
        self._position = 0
        self._nodes = 0

    def value(self, tree: Any, depth: int = 0) -> Any:
        """Return the value of `tree`; raise `WireError` for anything `Encoder` would not have written."""
        self._nodes += 1
        if self._nodes > limits.MAX_VALUES or depth > limits.MAX_DEPTH:
            raise WireError("too many values, or nested too deeply")
        if tree is None or type(tree) in (bool, int, float, str):
            return tree
        if type(tree) is not list or not tree or type(tree[0]) is not str:
            raise WireError("a value without a tag")
        decode = self._decoders.get(tree[0])
        if decode is None:
            raise WireError("a value with an unknown tag")
        return decode(self, tree[1:], depth)

    def finish(self) -> None:
        """Raise `WireError` unless every byte of the buffers belonged to a value."""
        if self._position != len(self._buffers):
            raise WireError("bytes that belong to no value")

    def _take(self, size: int) -> bytearray:
        end = self._position + size
        if end > len(self._buffers):
            raise WireError("a tensor larger than the bytes that came with it")
        data = bytearray(self._buffers[self._position : end])  # a copy: aligned, writable, nobody else's
        self._position = end
        return data

    def _list(self, parts: list[Any], depth: int) -> list[Any]:
        return [self.value(part, depth + 1) for part in parts]

    def _tuple(self, parts: list[Any], depth: int) -> tuple[Any, ...]:
        return tuple(self._list(parts, depth))

    def _dict(self, parts: list[Any], depth: int) -> dict[Any, Any]:
        if len(parts) % 2 or not all(type(key) in (str, int, float, bool) for key in parts[::2]):
            raise WireError("a malformed dict")
        return dict(zip(parts[::2], self._list(parts[1::2], depth), strict=True))

    def _tensor(self, parts: list[Any], depth: int) -> torch.Tensor:
        name, shape, requires_grad, is_parameter, gradient = _typed(parts, str, list, bool, bool, object)
        dtype = _DTYPES.get(name)
        if dtype is None:
            raise WireError("a tensor of an unknown dtype")
        data = self._take(_count(shape) * dtype.itemsize)
        raw = torch.frombuffer(data, dtype=torch.uint8) if data else torch.empty(0, dtype=torch.uint8)
        # A byte of a bool that is neither 0 nor 1 is undefined behaviour inside torch: make it one of them.
        tensor = (raw != 0 if dtype is torch.bool else raw.view(dtype)).reshape(shape)
        if requires_grad and not (dtype.is_floating_point or dtype.is_complex):
            raise WireError("a gradient for a tensor that cannot have one")
        if is_parameter:
            tensor = torch.nn.Parameter(tensor, requires_grad=requires_grad)
        else:
            tensor.requires_grad_(requires_grad)
        if gradient is not None:
            grad = self.value(gradient, depth + 1)
            if type(grad) is not torch.Tensor or grad.shape != tensor.shape or grad.dtype != tensor.dtype:
                raise WireError("a gradient that does not fit its tensor")
            tensor.grad = grad.detach()
        return tensor

    def _array(self, parts: list[Any], _depth: int) -> np.ndarray[Any, Any]:
        name, shape = _typed(parts, str, list)
        dtype = _array_dtype(name)
        array = np.frombuffer(self._take(_count(shape) * dtype.itemsize), dtype=dtype)
        return (array.view(np.uint8) != 0 if dtype.kind == "b" else array).reshape(shape)

    def _numpy_scalar(self, parts: list[Any], _depth: int) -> Any:
        dtype = _array_dtype(*_typed(parts, str))
        return np.frombuffer(self._take(dtype.itemsize), dtype=dtype)[0]

    def _image(self, parts: list[Any], _depth: int) -> Any:
        from PIL import Image

        mode, size = _typed(parts, str, list)
        if mode not in _IMAGE_BYTES_PER_PIXEL or len(size) != 2 or 0 in size:  # noqa: PLR2004 - width and height
            raise WireError("a malformed image")
        data = self._take(_count(size) * _IMAGE_BYTES_PER_PIXEL[mode])
        return Image.frombytes(mode, tuple(size), bytes(data))

    def _generator(self, parts: list[Any], _depth: int) -> torch.Generator:
        _typed(parts)
        generator = torch.Generator()
        size = generator.get_state().numel()
        try:
            return generator.set_state(torch.frombuffer(self._take(size), dtype=torch.uint8).clone())
        except RuntimeError as error:
            raise WireError("a malformed generator state") from error

    def _handle(self, parts: list[Any], depth: int) -> Any:
        recipe, tree, identity = _typed(parts, str, list, int)
        before = self._position
        arguments = self.value(tree, depth + 1)
        if type(arguments) is not dict or not all(type(name) is str for name in arguments):
            raise WireError("a malformed handle")
        handle = Handle(without_controls(recipe[: limits.MAX_DESCRIPTION]), arguments, identity)
        if self._resolve is None:
            return handle
        return self._resolve(handle, msgspec.msgpack.encode(parts) + self._buffers[before : self._position])

    def _opaque(self, parts: list[Any], _depth: int) -> Opaque:
        type_name, text = _typed(parts, str, str)
        return Opaque(
            " ".join(without_controls(type_name[: limits.MAX_DESCRIPTION]).split()),
            without_controls(text[: limits.MAX_DESCRIPTION]),
        )

    _decoders: dict[str, Callable[[Decoder, list[Any], int], Any]] = {  # noqa: RUF012 - never changed
        "list": _list, "tuple": _tuple, "dict": _dict, "tensor": _tensor, "array": _array,
        "scalar": _numpy_scalar, "image": _image, "generator": _generator, "handle": _handle, "opaque": _opaque,
    }  # fmt: skip


def _typed(parts: list[Any], *types: type) -> list[Any]:
    if len(parts) != len(types) or not all(
        kind is object or type(part) is kind for part, kind in zip(parts, types, strict=True)
    ):
        raise WireError("a malformed value")
    return parts


def _count(shape: list[Any]) -> int:
    if len(shape) > limits.MAX_DIMENSIONS or not all(type(size) is int and 0 <= size < 2**31 for size in shape):
        raise WireError("an impossible shape")
    # Sizes beside a zero hold no numbers, but their strides must be numbers too.
    if math.prod(max(size, 1) for size in shape) > limits.MAX_TENSOR_NUMBERS:
        raise WireError("an impossible shape")
    return math.prod(shape)


def _array_dtype(name: str) -> np.dtype[Any]:
    # Only the short names that `dtype.str` gives: numpy would also parse "O", structures and dates.
    kind, size = name[1:2], name[2:]
    if name[:1] not in "<|" or kind not in _ARRAY_KINDS or size not in {"1", "2", "4", "8", "16"}:
        raise WireError("an array of an unknown dtype")
    try:
        return np.dtype(name)
    except TypeError as error:
        raise WireError("an array of an unknown dtype") from error
