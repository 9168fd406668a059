"""Values that cross the boundary arrive as they left; anything else is refused without harm."""

from __future__ import annotations

import math
from collections import namedtuple
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from grader.sandbox import limits
from grader.sandbox.wire import frames, messages, values

SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text()
KEYS = st.text() | st.integers(-(2**63), 2**64 - 1) | st.booleans()
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple) | st.dictionaries(KEYS, inner, max_size=4)
    ),
    max_leaves=20,
)
DTYPES = [getattr(torch, name) for name in (
    "float16", "bfloat16", "float32", "float64", "complex64", "complex128",
    "uint8", "int8", "int16", "int32", "int64", "bool",
)]  # fmt: skip


def sent(value: Any) -> Any:
    """Return `value` as it arrives at the other end."""
    encoder = values.Encoder()
    tree = msgspec.msgpack.decode(msgspec.msgpack.encode(encoder.tree(value)))
    decoder = values.Decoder(memoryview(b"".join(encoder.buffers)))
    arrived = decoder.value(tree)
    decoder.finish()
    return arrived


def same(first: Any, second: Any) -> bool:
    if isinstance(first, float) and math.isnan(first):
        return isinstance(second, float) and math.isnan(second)
    if isinstance(first, list | tuple):
        return type(first) is type(second) and len(first) == len(second) and all(map(same, first, second))
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(same(first[key], second[key]) for key in first)
    return type(first) is type(second) and first == second


@given(VALUES)
def test_plain_values_arrive_unchanged(value: Any) -> None:
    assert same(sent(value), value)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3), (2, 3, 4)], ids=str)
def test_tensors_of_every_dtype_and_shape_arrive_to_the_bit(dtype: torch.dtype, shape: tuple[int, ...]) -> None:
    tensor = (torch.randn(shape, generator=torch.Generator().manual_seed(0)) * 3).to(dtype)
    arrived = sent(tensor)
    assert arrived.dtype == dtype
    assert torch.equal(arrived, tensor)


def test_views_and_expanded_tensors_arrive_as_their_numbers() -> None:
    tensor = torch.arange(12.0).reshape(3, 4)
    assert torch.equal(sent(tensor.T[1:]), tensor.T[1:])
    assert torch.equal(sent(torch.ones(1).expand(5)), torch.ones(5))


@pytest.mark.parametrize(
    "tensor",
    [
        torch.tensor([[1.0, 2.0]])[:, 1],
        torch.stack([torch.ones(1), torch.zeros(1)], dim=-1).unbind(-1)[0],
        torch.view_as_real(torch.tensor([1 + 2j]))[..., 0],
        torch.tensor([1 + 2j]).conj().imag,
        torch.ones(1, 1).expand(1, 1).T,
    ],
)
def test_a_single_number_of_any_stride_arrives(tensor: torch.Tensor) -> None:
    assert torch.equal(sent(tensor), tensor.clone())


def test_a_gradient_that_does_not_fit_its_tensor_stays_behind() -> None:
    parameter = torch.nn.Parameter(torch.ones(2, dtype=torch.float64))
    parameter.sum().backward()
    parameter.data = torch.ones(3)
    arrived = sent(parameter)
    assert (arrived.dtype, arrived.shape, arrived.grad) == (torch.float32, (3,), None)


def test_a_parameter_arrives_with_its_gradient() -> None:
    parameter = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    (parameter**2).sum().backward()
    arrived = sent(parameter)
    assert type(arrived) is torch.nn.Parameter
    assert arrived.requires_grad
    assert torch.equal(arrived.grad, torch.tensor([2.0, 4.0]))


def test_a_result_with_a_graph_arrives_as_a_leaf_that_requires_a_gradient() -> None:
    arrived = sent(torch.ones(2, requires_grad=True) * 3)
    assert arrived.is_leaf
    assert arrived.requires_grad


def test_what_arrives_shares_no_memory_with_what_was_sent() -> None:
    tensor = torch.zeros(3)
    sent(tensor).add_(1)
    assert torch.equal(tensor, torch.zeros(3))


def test_arrays_and_numpy_numbers_arrive_as_such() -> None:
    array = np.arange(6, dtype=">i4").reshape(2, 3)
    assert np.array_equal(sent(array), array)
    number = sent(np.float32(0.1))
    assert type(number) is np.float32
    assert number == np.float32(0.1)


def test_a_generator_arrives_in_its_state() -> None:
    generator = torch.Generator().manual_seed(7)
    torch.randn(3, generator=generator)
    assert torch.equal(torch.randn(4, generator=sent(generator)), torch.randn(4, generator=generator))


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_images_arrive_as_their_pixels(mode: str) -> None:
    image = Image.new(mode, (3, 2), 7 if mode == "L" else (1, 2, 3, 4)[: len(mode)])
    arrived = sent(image)
    assert (arrived.mode, arrived.size, arrived.tobytes()) == (mode, (3, 2), image.tobytes())


def test_a_named_tuple_arrives_as_a_tuple() -> None:
    assert sent(namedtuple("Pair", "a b")(1, 2)) == (1, 2)


class Liar(torch.Tensor):
    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> Any:
        return True


class Rude:
    def __repr__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("value", "type_name"),
    [
        (print, "builtin_function_or_method"),
        (torch.ones(2).as_subclass(Liar), "Liar"),
        (Rude(), "Rude"),
        (2**70, "int"),
        (np.array(["text"]), "ndarray"),
        (torch.ones(2).to_sparse(), "sparse_coo Tensor"),
        (torch.ones(2, device="meta"), "meta Tensor"),
        (torch.nested.as_nested_tensor([torch.ones(2)], layout=torch.jagged), "NestedTensor"),
        ({(1, 2): 3}, "dict"),
        (type("Text", (str,), {})("x"), "Text"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_data_arrives_as_its_description(value: Any, type_name: str) -> None:
    arrived = sent(value)
    assert isinstance(arrived, values.Opaque)
    assert arrived.type_name == type_name
    assert len(arrived.text) <= limits.MAX_DESCRIPTION


def test_a_lone_surrogate_does_not_break_the_wire() -> None:
    assert sent("a\ud800b") == "a?b"


@pytest.mark.parametrize(
    "value",
    [[0] * (limits.MAX_VALUES + 1), torch.zeros(1).expand(2**40), ["x" * 10] * 500_000],
    ids=["too many", "too large", "too long"],
)
def test_too_much_is_refused_where_it_is_sent(value: Any) -> None:
    with pytest.raises(frames.WireError, match="more than"):
        values.Encoder().tree(value)


def test_a_list_inside_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(frames.WireError, match="levels deep"):
        values.Encoder().tree(endless)


MALFORMED = [
    [],
    [1, 2],
    ["unknown"],
    ["dict", "key"],
    ["dict", ["list"], 1],
    ["tensor", "float32", [2], False, False, None],
    ["tensor", "float32", [2**31], False, False, None],
    ["tensor", "float32", [-1], False, False, None],
    ["tensor", "float32", [True], False, False, None],
    ["tensor", "float32", [1.0], False, False, None],
    ["tensor", "float32", [0] * 17, False, False, None],
    ["tensor", "object", [0], False, False, None],
    ["tensor", "float32", [0], 1, False, None],
    ["tensor", "float32", [0]],
    ["tensor", "int64", [0], True, False, None],
    ["tensor", "float32", [0], True, False, 3],
    ["tensor", "float32", [0], True, False, ["tensor", "float32", [1, 0], False, False, None]],
    ["array", "|O", [0]],
    ["array", "<M8", [0]],
    ["array", "<f3", [0]],
    ["array", "<f4", [1]],
    ["scalar", "<f4"],
    ["image", "P", [1, 1]],
    ["image", "RGB", [1]],
    ["image", "RGB", [2**30, 2**30]],
    ["generator"],
    ["opaque", 1, 2],
    ["handle", 1, ["dict"]],
    ["handle", "unet"],
    ["handle", "unet", ["list"]],
    ["handle", "unet", ["dict", 1, 2]],
    {"a": 1},
    b"bytes",
]


@pytest.mark.parametrize("tree", MALFORMED, ids=str)
def test_a_malformed_tree_is_refused(tree: Any) -> None:
    with pytest.raises(frames.WireError):
        values.Decoder(memoryview(b"")).value(tree)


def test_a_malformed_generator_state_is_refused() -> None:
    size = torch.Generator().get_state().numel()
    with pytest.raises(frames.WireError):
        values.Decoder(memoryview(b"\xff" * size)).value(["generator"])


def test_bytes_that_belong_to_no_value_are_refused() -> None:
    decoder = values.Decoder(memoryview(b"\0" * 8))
    decoder.value(["tensor", "float32", [1], False, False, None])
    with pytest.raises(frames.WireError, match="belong to no value"):
        decoder.finish()


def test_a_bool_is_zero_or_one_whatever_byte_came() -> None:
    arrived = values.Decoder(memoryview(b"\2\0")).value(["tensor", "bool", [2], False, False, None])
    assert arrived.view(torch.uint8).tolist() == [1, 0]


TREES = st.recursive(
    SCALARS
    | st.sampled_from(
        [
            "list",
            "tuple",
            "dict",
            "tensor",
            "array",
            "scalar",
            "image",
            "generator",
            "handle",
            "opaque",
            "float32",
            "<f4",
        ]
    ),
    lambda inner: st.lists(inner, max_size=6),
    max_leaves=30,
)


@given(TREES, st.binary(max_size=40))
def test_no_tree_whatever_gets_anything_but_a_value_or_a_refusal(tree: Any, data: bytes) -> None:
    decoder = values.Decoder(memoryview(data))
    try:
        decoder.value(tree)
        decoder.finish()
    except frames.WireError:
        pass


@given(st.binary(max_size=200))
def test_no_bytes_whatever_get_anything_but_a_message_or_a_refusal(data: bytes) -> None:
    decoder = msgspec.msgpack.Decoder(messages.FromWorker)
    try:
        message = frames.decode_structure(decoder, memoryview(data))
    except frames.WireError:
        return
    assert isinstance(message, messages.FromWorker)


def test_a_deep_nesting_of_messagepack_is_refused() -> None:
    call = msgspec.msgpack.encode(messages.Returned(1, "RESULT", None, None, ""))
    deep = call.replace(msgspec.msgpack.encode("RESULT"), b"\x91" * 100_000 + b"\xc0")
    with pytest.raises(frames.WireError):
        frames.decode_structure(msgspec.msgpack.Decoder(messages.FromWorker), memoryview(deep))


@pytest.mark.parametrize(
    "header",
    [b"\0" * frames.HEADER_BYTES, b"grd1" + b"\xff" * 12, b"grd1" + (2**31).to_bytes(4, "little") + b"\0" * 8],
    ids=["no magic", "enormous", "long structure"],
)
def test_a_header_that_is_none_or_announces_too_much_is_refused(header: bytes) -> None:
    with pytest.raises(frames.WireError):
        frames.read_header(header)


def test_control_characters_are_shown_and_not_obeyed() -> None:
    assert frames.without_controls("a\x1b[2Jb\tc\nd\u202e") == "a\\x1b[2Jb\tc\nd\\u202e"
