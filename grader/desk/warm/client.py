"""Asks the warm judge of a course's folder, and starts it if there is none."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import msgspec

from grader import faults
from grader.desk.warm import messages
from grader.desk.warm.place import private_place, shared_place
from grader.errors import GraderError, UsageError
from grader.locating.located import Located
from grader.results import from_json
from grader.sandbox.wire import frames

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from grader.desk.request import Request
    from grader.desk.warm.place import Place
    from grader.results import Verdict

SWITCH = "GRADE_DAEMON"  # in the environment: "off" for no judge that stays
_OFF = ("off", "0", "no", "false")
_SILENT_SECONDS = 60  # a judge that lives says so every second, if the machine lets it
_LISTENING_SECONDS = 30  # until a new judge listens, before it imports anything heavy
_DECODER = msgspec.msgpack.Decoder(messages.FromJudge)


class Unavailable(Exception):
    """No warm judge can be asked; its text says why, for those who look for a fault."""


class Cancelled(Exception):
    """The question was taken back by `WarmJudge.cancel`."""


def is_wanted() -> bool:
    """Tell whether a judge may stay when this command has ended: not in CI, nor where somebody looks for a fault."""
    off = os.environ.get(SWITCH, "").lower() in _OFF
    return not (off or os.environ.get("CI") or faults.debugging() or not hasattr(socket, "AF_UNIX"))


class WarmJudge:
    """The judge of a course's folder as its clients see it.

    A shared one is asked by all terminals and notebooks of this user, and stays when they end. A private one is nobody
    else's, and ends with `close`, or with this process.
    """

    def __init__(self, root: Path, *, private: bool = False) -> None:
        self._root = root
        self._private = private
        self._place: Place | None = None
        self._owned: subprocess.Popen[bytes] | None = None
        self._connection: socket.socket | None = None
        self._cancelled = threading.Event()

    def start(self) -> None:
        """Start the judge if it does not run, and do not wait until it is warm; raise `Unavailable` if it cannot be."""
        self._connected().close()

    def ask(
        self,
        asked: Request,
        heard: Callable[[Any], None] | None = None,
        meanwhile: Callable[[], object] = lambda: None,
    ) -> Verdict:
        """Return the verdict; `heard` is told of every message before it.

        `meanwhile` is called once the judge has the question, for what can be done while it thinks.

        Raises:
            Unavailable: there is no judge, or it does not answer as it should.
            Cancelled: `cancel` was called meanwhile.
            UsageError: what is asked cannot be judged.
            GraderError: the grader broke.
        """
        answer, content = self._settled(asked, heard, meanwhile)
        if not isinstance(answer, messages.Judged):
            raise Unavailable("its answer is not a verdict")
        try:
            return from_json(bytes(content).decode())
        except ValueError as error:
            raise Unavailable(str(error)) from error

    def debug(self, asked: Request, heard: Callable[[Any], None] | None = None) -> messages.Debugged:
        """Have the smallest failing input written as a script, and return where it is; raise as `ask` does."""
        answer, _ = self._settled(asked, heard, lambda: None)
        if not isinstance(answer, messages.Debugged):
            raise Unavailable("its answer is not the place of a script")
        return answer

    def locate(self, asked: Request, heard: Callable[[Any], None] | None = None) -> Located:
        """Have the place of the mistake found, and return it; raise as `ask` does."""
        answer, _ = self._settled(asked, heard, lambda: None)
        if not isinstance(answer, Located):
            raise Unavailable("its answer is not a place")
        return answer

    def _settled(
        self, asked: Request, heard: Callable[[Any], None] | None, meanwhile: Callable[[], object]
    ) -> tuple[Any, memoryview]:
        """Return the answer with its buffer; another judge is asked if this one says that it is out of date."""
        self._cancelled.clear()
        for _ in range(2):
            answer, content = self._answer(asked, heard, meanwhile)
            match answer:
                case messages.Refused(sentence):
                    raise UsageError(sentence)
                case messages.Broke(sentence):
                    raise GraderError(sentence)
                case messages.Stale():
                    continue
            return answer, content
        raise Unavailable("two judges, one after the other, say that the course or the tool has changed")

    def cancel(self) -> None:
        """Take the question back that another thread is asking; the judge stays warm."""
        self._cancelled.set()
        connection = self._connection
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End a private judge; a shared one ends by itself."""
        self.cancel()
        self._end_owned()
        if self._private and self._place is not None:
            import shutil

            shutil.rmtree(self._place.folder, ignore_errors=True)
            self._place = None

    def _end_owned(self) -> None:
        if self._owned is None:
            return
        import subprocess

        if self._owned.stdin is not None:
            self._owned.stdin.close()
        try:
            self._owned.wait(_LISTENING_SECONDS)
        except subprocess.TimeoutExpired:
            self._owned.kill()
            self._owned.wait()
        self._owned = None

    def _answer(
        self, asked: Request, heard: Callable[[Any], None] | None, meanwhile: Callable[[], object]
    ) -> tuple[Any, memoryview]:
        """Ask once, and return the last message with its buffer."""
        try:
            with self._connected() as connection:
                self._connection = connection
                ask = messages.Ask(self._key())
                connection.sendall(frames.encode_frame(ask, [msgspec.msgpack.encode(asked)]))
                meanwhile()
                while not self._cancelled.is_set():
                    received = frames.read_frame(connection.recv)
                    if received is None:
                        break
                    message = frames.decode_structure(_DECODER, received.structure)
                    if not isinstance(message, messages.Alive | messages.Begun | messages.Finished):
                        return message, received.buffers
                    if heard is not None:
                        heard(message)
        except (OSError, frames.WireError) as error:
            if not self._cancelled.is_set():
                raise Unavailable(f"it does not answer as it should: {error}") from error
        finally:
            self._connection = None
        if self._cancelled.is_set():
            raise Cancelled
        raise Unavailable("it ended before it had answered")

    def _key(self) -> str:
        assert self._place is not None
        return self._place.key.read_text(encoding="ascii")

    def _connected(self) -> socket.socket:
        """Return a connection to the judge, which is started if it does not listen."""
        place = self._found_place()
        connection = _connect(place)
        if connection is None:
            self._start(place)
            until = time.monotonic() + 1  # another command may have been faster, and its judge be about to listen
            while (connection := _connect(place)) is None and time.monotonic() < until:
                select.select([], [], [], 0.02)
        if connection is None:
            raise Unavailable("it does not listen")
        return connection

    def _found_place(self) -> Place:
        if self._place is None:
            self._place = private_place() if self._private else shared_place(self._root)
        if self._place is None:
            raise Unavailable("there is no private folder for its socket")
        return self._place

    def _start(self, place: Place) -> None:
        """Start a process, and wait until it listens, or finds that another one does."""
        import subprocess  # which a second verdict need not wait for

        self._end_owned()
        if self._private:
            place.folder.mkdir(mode=0o700, exist_ok=True)  # the last judge has taken it away
        command = [sys.executable, "-I", "-m", "grader.desk.warm.server", str(self._root), *map(str, place)]
        reading, writing = os.pipe()
        try:
            process = subprocess.Popen(
                [*command, str(writing), *(["owned"] if self._private else [])],
                stdin=subprocess.PIPE if self._private else subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=None if self._private and faults.debugging() else subprocess.DEVNULL,
                cwd="/",
                pass_fds=[writing],
                start_new_session=True,  # neither Ctrl-C nor the end of a terminal is meant for it
            )
        except OSError as error:
            os.close(reading)
            raise Unavailable(f"it cannot be started: {error}") from error
        finally:
            os.close(writing)
        with os.fdopen(reading, "rb") as listening:
            select.select([listening], [], [], _LISTENING_SECONDS)
        if self._private:
            self._owned = process
        else:
            process.wait()  # it has forked the judge


def _connect(place: Place) -> socket.socket | None:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(_SILENT_SECONDS)
    try:
        connection.connect(str(place.socket))
    except OSError:
        connection.close()
        return None
    return connection
