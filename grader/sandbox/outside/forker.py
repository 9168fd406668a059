"""A process that forks workers, as the judge asks it: the fork server itself, or a branch of it that has a model."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import msgspec

from grader.sandbox.outside.worker_handle import grader_error
from grader.sandbox.wire import frames, messages

if TYPE_CHECKING:
    from grader.errors import GraderError

T = TypeVar("T", bound=msgspec.Struct)
_DECODER = msgspec.msgpack.Decoder(messages.FromForkServer)


class Unintelligible(Exception):
    """The process has ended, or its answer does not fit the question."""


@dataclass(eq=False)
class Forker:
    """The judge's end of the socket to such a process, and what is known of it.

    `pid` is that of a branch, once the server has said it; `broken` is why it could not get ready.
    """

    control: socket.socket
    equipment: messages.Equipment
    pid: int = 0
    ready: messages.Ready | None = None
    broken: GraderError | None = None

    def send(self, message: msgspec.Struct, descriptor: int | None = None) -> None:
        """Send a message, with a file descriptor if there is one; raise `Unintelligible` if nobody listens."""
        try:
            self.control.sendall(frames.encode_frame(message, []))
            if descriptor is not None:
                socket.send_fds(self.control, [b"+"], [descriptor])
        except OSError as error:
            raise Unintelligible from error

    def answer(self, kind: type[T]) -> T:
        """Return the next answer, which must be of a kind.

        Raises `GraderError` if the process says that it broke, `TimeoutError` if it says nothing in time, and
        `Unintelligible`.
        """
        try:
            received = frames.read_frame(self.control.recv)
            message = None if received is None else _DECODER.decode(received.structure)
        except TimeoutError:
            raise
        except (OSError, frames.WireError, msgspec.MsgspecError) as error:
            raise Unintelligible from error
        if isinstance(message, messages.Fault):
            raise grader_error("The fork server broke", message)
        if not isinstance(message, kind):
            raise Unintelligible
        return message
