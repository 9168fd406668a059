"""The connections of a warm judge: accepted, put into a queue, told that the judge lives, and found to be gone."""

from __future__ import annotations

import contextlib
import hmac
import queue
import select
import socket
import threading
import time
from typing import TYPE_CHECKING

import msgspec

from grader.desk.request import Request
from grader.desk.warm import messages
from grader.sandbox.wire import frames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BEAT_SECONDS = 1.0  # between two words that the judge lives
_ASKING_SECONDS = 5.0  # a client that has connected has its question ready
_HEARING_SECONDS = 5.0  # a client that does not take what it is told is gone
_DECODER = msgspec.msgpack.Decoder(messages.Ask)


class Question:
    """One client that waits for an answer."""

    def __init__(self, connection: socket.socket, asked: Request) -> None:
        self.asked = asked
        self._connection = connection
        self._lock = threading.Lock()
        self._gone = False

    def say(self, message: msgspec.Struct, content: bytes = b"") -> None:
        """Send a message; if the client is gone, so be it."""
        try:
            frame = frames.encode_frame(message, [content] if content else [])
        except frames.WireError as error:
            frame = frames.encode_frame(messages.Broke(f"The verdict is too large to be sent: {error}."), [])
        with self._lock:
            try:
                self._connection.sendall(frame)
            except OSError:
                self._gone = True

    @property
    def gone(self) -> bool:
        """Whether the client has hung up: it says nothing after its question."""
        if not self._gone:
            try:
                readable, _, _ = select.select([self._connection], [], [], 0)
                self._gone = bool(readable) and self._connection.recv(1, socket.MSG_PEEK) == b""
            except (OSError, ValueError):  # it was closed
                self._gone = True
        return self._gone

    def close(self) -> None:
        """End the connection."""
        with self._lock:
            self._connection.close()
            self._gone = True


class Connections:
    """Accepts clients in a thread of its own, and keeps all of them informed in another one."""

    def __init__(self, listener: socket.socket, key: str, idle_seconds: float, left: Callable[[], None]) -> None:
        """`left` is called when the client whose question is being answered has hung up."""
        self._listener = listener
        self._key = key
        self._idle_seconds = idle_seconds
        self._left = left
        self._waiting: queue.Queue[Question | None] = queue.Queue()
        self._open: list[Question] = []
        self._answering: Question | None = None
        self._turn = threading.Lock()
        self._last = time.monotonic()
        self.may_go_on: Callable[[], bool] = lambda: True  # is asked now and then
        for task in (self._accept, self._beat):
            threading.Thread(target=task, daemon=True).start()

    def next(self, seconds: float | None = None) -> Question | None:
        """Return the next question, None if it is time to end; raise `queue.Empty` if none comes in that time."""
        return self._waiting.get(timeout=seconds)

    @contextlib.contextmanager
    def answering(self, question: Question) -> Iterator[None]:
        """Let others wait while a question is answered."""
        with self._turn:
            self._answering = question
        try:
            yield
        finally:
            with self._turn:  # from here on it is of no interest whether this client is there
                self._answering = None
            self._last = time.monotonic()
            self._open.remove(question)
            question.close()

    def dismiss(self) -> None:
        """Tell all who wait that another judge must be asked."""
        for question in tuple(self._open):
            question.say(messages.Stale())
            question.close()

    def end(self) -> None:
        """Have `next` return None once all questions so far are answered."""
        self._waiting.put(None)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # it was closed
                return
            question = self._question(connection)
            if question is None:
                connection.close()
            else:
                self._open.append(question)
                self._waiting.put(question)

    def _question(self, connection: socket.socket) -> Question | None:
        """Return what a client asks, None if it does not know the key or makes no sense."""
        connection.settimeout(_ASKING_SECONDS)
        try:
            received = frames.read_frame(connection.recv)
            if received is None:
                return None
            ask = frames.decode_structure(_DECODER, received.structure)
            if not hmac.compare_digest(ask.key, self._key):
                return None
            asked = msgspec.msgpack.decode(received.buffers, type=Request)
        except (OSError, frames.WireError, ValueError, TypeError):  # every error of msgspec is a ValueError
            return None
        connection.settimeout(_HEARING_SECONDS)
        return Question(connection, asked)

    def _beat(self) -> None:
        while True:
            time.sleep(BEAT_SECONDS)
            for question in tuple(self._open):
                question.say(messages.Alive())
            with self._turn:
                if self._answering is not None and self._answering.gone:
                    self._left()
            idle = not self._open and time.monotonic() - self._last > self._idle_seconds
            if idle or not self.may_go_on():
                self.end()
                return
