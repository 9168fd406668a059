"""Frames: how a message and the bytes of its tensors travel over a channel, and the limits on both.

A frame is a fixed header (magic, length of the structure, length of the buffers), the structure (MessagePack: one
message of `grader.sandbox.wire.messages`) and the buffers (the bytes of all tensors, one after the other).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from grader.sandbox import limits

if TYPE_CHECKING:
    from collections.abc import Callable

_HEADER = struct.Struct("<4sIQ")
HEADER_BYTES = _HEADER.size
_MAGIC = b"grd1"


class WireError(Exception):
    """The other side sent, or was asked to send, something that the wire does not carry."""


class Header(NamedTuple):
    """How many bytes follow a frame's header."""

    structure: int
    buffers: int


def encode_frame(message: msgspec.Struct, buffers: list[bytes]) -> bytes:
    """Return the frame of `message`, whose values an `Encoder` with these `buffers` has turned into trees."""
    structure = msgspec.msgpack.encode(message)
    size = sum(map(len, buffers))
    _check_header(Header(len(structure), size))
    return b"".join([header(len(structure), size), structure, *buffers])


def header(structure: int, buffers: int) -> bytes:
    """Return the header of a frame with so many bytes of each."""
    return _HEADER.pack(_MAGIC, structure, buffers)


def read_header(data: bytes) -> Header:
    """Parse a frame's header; raise `WireError` if it is not one or announces more than the limits allow."""
    magic, structure, buffers = _HEADER.unpack(data)
    if magic != _MAGIC:
        raise WireError("the answer does not start like one")
    return _check_header(Header(structure, buffers))


def _check_header(found: Header) -> Header:
    if found.structure > limits.MAX_STRUCTURE_BYTES:
        raise WireError(f"more than {limits.MAX_STRUCTURE_BYTES // 2**20} MiB of text and numbers outside tensors")
    if found.buffers > limits.MAX_BUFFER_BYTES:
        raise WireError(f"more than {limits.MAX_BUFFER_BYTES // 2**20} MiB of tensors")
    return found


class Received(NamedTuple):
    """A frame that has come whole: the bytes of its structure and of its buffers."""

    structure: memoryview
    buffers: memoryview


def read_frame(receive: Callable[[int], bytes]) -> Received | None:
    """Return the next frame of a channel, None if the channel ends first.

    `receive` returns at most as many bytes as it is asked for, none only at the channel's end. Raises `WireError` like
    `read_header`.
    """
    head = _read_exactly(HEADER_BYTES, receive)
    if head is None:
        return None
    announced = read_header(bytes(head))
    body = _read_exactly(announced.structure + announced.buffers, receive)
    if body is None:
        return None
    whole = memoryview(body)
    return Received(whole[: announced.structure], whole[announced.structure :])


def _read_exactly(size: int, receive: Callable[[int], bytes]) -> bytearray | None:
    data = bytearray()
    while len(data) < size:
        part = receive(min(size - len(data), limits.CHUNK_BYTES))
        if not part:
            return None
        data += part
    return data


def decode_structure(decoder: msgspec.msgpack.Decoder[Any], structure: memoryview) -> Any:
    """Decode a message of the types that `decoder` knows; raise `WireError` for anything else."""
    try:
        return decoder.decode(structure)
    except (ValueError, TypeError, RecursionError) as error:  # every error of msgspec is a ValueError
        raise WireError("an answer that is no message of ours") from error


def without_controls(text: str) -> str:
    """Return `text` without the control characters that could rewrite a terminal; tabs and newlines stay."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else ascii(c)[1:-1] for c in text)
