"""Reads hand-ins as the judge does: each in a confined child, of which it believes no more than it can check.

The judge never opens a hand-in. A child that is killed, is too slow or says what makes no sense leaves its own
submission with a problem, and no other. Reading is always confined as far as the kernel can, whatever isolation is
asked for: no honest hand-in could tell the difference.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import hashlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

from grader import faults
from grader.errors import GraderError, UsageError
from grader.sandbox import limits
from grader.sandbox.inside import landlock, seccomp
from grader.sandbox.inside.confinement import MEMORY
from grader.sandbox.outside.environment import scrubbed
from grader.sandbox.outside.worker_handle import error_of_end, grader_error, name_of_signal
from grader.sandbox.reading import model_data, orders
from grader.sandbox.wire import frames, messages
from grader.submission.model import Problem, Submission
from grader.submission.text import printable, shown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from grader.course.model import Course

T = TypeVar("T", bound=msgspec.Struct)
COMMAND = (sys.executable, "-I", "-m", "grader.sandbox.reading.server")
_REMEDY = "hand in only the .py files and notebooks that you wrote yourself."
_SIMPLER = "simplify it, and hand in only the .py files and notebooks that you wrote yourself."
_BROKEN = "The process that reads hand-ins could not be started"


# --- what can be read ----------------------------------------------------------------------------------------------


def read_handin(path: Path) -> Submission:
    """Read what somebody handed in, as `grader.submission.reading.read_submission` does.

    Raises:
        UsageError: there is nothing at `path`, or nothing that could be a submission, or it may not be read.
        OSError: the machine lacks something, which says nothing about the hand-in.
        GraderError: the process that reads could not be started.
    """
    name = Path(os.path.normpath(path.absolute())).name or str(path)
    return _reader().read(shown(name), orders.Path(os.fsencode(path)))


def read_handed_in_texts(name: str, texts: Iterable[tuple[str, bytes]], *, keep_folders: bool = False) -> Submission:
    """Read texts as a submission, as `grader.submission.reading.read_texts` does."""
    pairs = [(os.fsencode(called), text) for called, text in texts]
    return _reader().read(shown(name), orders.Texts(os.fsencode(name), pairs, keep_folders))


def read_edited_stubs(course: Course, only: Collection[str] | None = None) -> Submission:
    """Read what a student edits in the course itself, as `grader.submission.reading.stubs_in_place` does.

    `only` names the lessons to read, all of them for None.
    """
    named = [lesson for lesson in course.lessons if only is None or lesson.name in only]
    lessons = [(lesson.name, os.fsencode(lesson.folder)) for lesson in named]
    return _reader().read(course.root.name, orders.Stubs(os.fsencode(course.root), lessons))


def read_code_cells(name: str, cells: Iterable[tuple[str, str]]) -> Submission:
    """Read the code cells of a notebook, as `grader.submission.reading.submission_of_cells` does."""
    pairs = [(label.encode(), text.encode("utf-8", "surrogatepass")) for label, text in cells]
    return _reader().read(name, orders.Cells(os.fsencode(name), pairs))


def start_reading() -> None:
    """Have the reading server started while something else is done."""
    _reader().start()


# --- the process that reads ----------------------------------------------------------------------------------------


class Reader:
    """The reading server as the judge sees it; it starts with the first hand-in, and again if it has ended."""

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = command
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._decoder = msgspec.msgpack.Decoder(orders.Forked | orders.Ended | messages.Fault)
        self._words = msgspec.msgpack.Decoder(messages.Confined | messages.Fault)
        self._answers = msgspec.msgpack.Decoder(orders.FromChild)
        self.last_ended: orders.Ended | None = None  # how the last child ended, and what it used

    def start(self) -> None:
        """Start the process unless it runs; return at once."""
        with self._lock:
            self._start()

    def read(self, name: str, wanted: orders.Wanted) -> Submission:
        """Have a child read; what becomes of it in a bad way is the problem of the submission of that name."""
        with self._lock:
            self._start()
            try:
                return self._read(name, wanted)
            except (GraderError, KeyboardInterrupt):
                self._end()  # what it says from now on answers nothing
                raise

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _start(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        self._end()
        with contextlib.ExitStack() as undo:
            try:
                self._complaints = undo.enter_context(tempfile.TemporaryFile())
                self._control, theirs = socket.socketpair()
                undo.callback(self._control.close)
                self._control.settimeout(limits.START_SECONDS)
                with theirs:
                    self._process = subprocess.Popen(
                        self._command,
                        stdin=theirs.fileno(),
                        stdout=subprocess.DEVNULL,
                        stderr=self._complaints,
                        env=scrubbed(),
                        cwd="/",
                        start_new_session=True,  # Ctrl-C is the judge's to handle
                    )
            except OSError as error:
                raise GraderError(f"{_BROKEN}: {faults.reason(error)}") from error
            undo.pop_all()

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._control.close()
            self._complaints.close()
            self._process = None

    def _read(self, name: str, wanted: orders.Wanted) -> Submission:
        try:
            ours, theirs = socket.socketpair()
        except OSError as error:
            raise GraderError(f"{_BROKEN}: {faults.reason(error)}") from error
        with ours:
            with theirs:
                pid = self._forked(wanted, theirs)
                if pid is None:
                    return _with_problem(name, f"is too large to read: {_REMEDY}")
            try:
                self._await_confinement(ours)
                said = self._answer(ours)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)  # nobody but the server reaps it, and only when asked
                self.last_ended = ended = self._reaped(pid)
        if said is None:
            return _with_problem(name, _why_it_ended(ended))
        return _submission(name, *said)

    def _forked(self, wanted: orders.Wanted, channel: socket.socket) -> int | None:
        """Return the id of the child that reads, None if what it is to read is too large to send."""
        order = orders.Read(
            work=_working_folder(),
            abi=_means()[0],
            program=_means()[1],
            memory_bytes=limits.READING_MEMORY_BYTES,
            cpu_seconds=limits.READING_CPU_SECONDS,
        )
        try:
            frame = frames.encode_frame(order, [msgspec.msgpack.encode(wanted)])
        except frames.WireError:
            return None
        try:
            self._control.sendall(frame)
            socket.send_fds(self._control, [b"+"], [channel.fileno()])
        except OSError as error:
            raise self._broken() from error
        return self._said(orders.Forked).pid

    def _reaped(self, pid: int) -> orders.Ended:
        try:
            self._control.sendall(frames.encode_frame(orders.Reap(pid), []))
        except OSError as error:
            raise self._broken() from error
        return self._said(orders.Ended)

    def _said(self, kind: type[T]) -> T:
        try:
            received = frames.read_frame(self._control.recv)
            message = self._decoder.decode(received.structure) if received is not None else None
        except TimeoutError as error:
            seconds = limits.START_SECONDS
            raise GraderError(f"The process that reads hand-ins did not answer within {seconds} seconds.") from error
        except (OSError, frames.WireError, msgspec.MsgspecError) as error:
            raise self._broken() from error
        if isinstance(message, messages.Fault):
            raise grader_error(_BROKEN, message)
        if not isinstance(message, kind):
            raise self._broken()
        return message

    def _await_confinement(self, channel: socket.socket) -> None:
        """Return when the child can read; before that nothing of the hand-in can have broken it."""
        until = time.monotonic() + limits.START_SECONDS
        try:
            received = frames.read_frame(functools.partial(_received, channel, until))
            word = self._words.decode(received.structure) if received is not None else None
        except TimeoutError as error:
            raise GraderError(f"{_BROKEN}: it took longer than {limits.START_SECONDS} seconds.") from error
        except (frames.WireError, msgspec.MsgspecError) as error:
            raise GraderError(f"{_BROKEN}: what it said made no sense.") from error
        if isinstance(word, messages.Fault):
            raise grader_error(_BROKEN, word)
        if word is None:
            raise GraderError(f"{_BROKEN}: it ended unexpectedly.")

    def _answer(self, channel: socket.socket) -> tuple[msgspec.Struct | None, memoryview] | None:
        """Return what the child made of the hand-in, no message if that makes no sense; None if it says nothing."""
        until = time.monotonic() + limits.READING_WALL_SECONDS
        try:
            received = frames.read_frame(functools.partial(_received, channel, until))
            if received is None:
                return None
            return frames.decode_structure(self._answers, received.structure), received.buffers
        except TimeoutError:
            return None
        except frames.WireError:
            return None, memoryview(b"")

    def _broken(self) -> GraderError:
        """End the process, and return the error that says how it ended and what it complained about last."""
        process = self._process
        if process is None:
            return GraderError(f"{_BROKEN}.")
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(limits.ENDING_SECONDS)
        process.kill()
        return error_of_end("The process that reads hand-ins", process.wait(), self._complaints)


@functools.cache
def _reader_of(_process: int) -> Reader:
    reader = Reader()
    atexit.register(reader.close)
    return reader


def _reader() -> Reader:
    return _reader_of(os.getpid())  # a fork must not talk on its parent's socket


@functools.cache
def _means() -> tuple[int, bytes | None]:
    """Return what confines a child: Landlock's version and a system call filter, no filter where a part is missing."""
    abi = landlock.supported_abi()
    possible = abi >= landlock.STRICT_LANDLOCK_ABI and MEMORY.exists()
    return abi, seccomp.compile_filter() if possible else None


def _working_folder() -> bytes:
    try:
        return os.fsencode(Path.cwd())
    except FileNotFoundError:  # deleted: a path can only be absolute
        return b""


def _received(channel: socket.socket, until: float, most: int) -> bytes:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    channel.settimeout(left)
    try:
        return channel.recv(most)
    except ConnectionError:
        return b""


# --- what became of it ---------------------------------------------------------------------------------------------


def _submission(name: str, said: msgspec.Struct | None, data: memoryview) -> Submission:
    match said:
        case orders.Made():
            try:
                return model_data.decode(data)
            except frames.WireError:
                said = None
        case orders.Refused(sentence):
            raise UsageError(frames.without_controls(sentence))
        case orders.OutOfRoom():
            megabytes = limits.READING_MEMORY_BYTES // 10**6
            return _with_problem(name, f"needs more than {megabytes} MB of memory to be read: {_SIMPLER}")
        case orders.MachineFailed(number, message):
            raise OSError(number, frames.without_controls(message))
        case orders.Broke(error, traceback):
            faults.show_text(frames.without_controls(traceback))
            return _with_problem(name, f"could not be read ({printable(error)[: limits.MAX_NAME]}): {_SIMPLER}")
    return _with_problem(name, f"could not be read, because reading it went wrong: {_SIMPLER}")


def _why_it_ended(ended: orders.Ended) -> str:
    number = os.WTERMSIG(ended.status) if os.WIFSIGNALED(ended.status) else 0
    if ended.cpu_seconds >= limits.READING_CPU_SECONDS - limits.GRACE_SECONDS or number == signal.SIGXCPU:
        return f"takes more than {limits.READING_CPU_SECONDS} seconds to read: {_SIMPLER}"
    if number == signal.SIGKILL:
        return f"takes too much memory, or more than {limits.READING_WALL_SECONDS} seconds, to read: {_SIMPLER}"
    if number:
        how = name_of_signal(number)
        return f"is too large or too deeply nested for Python, which crashed on it ({how}): {_SIMPLER}"
    return f"could not be read, because reading it ended unexpectedly: {_SIMPLER}"


def _with_problem(name: str, end: str) -> Submission:
    sentence = f"{name} {end}"
    return Submission(name, hashlib.sha256(sentence.encode()).hexdigest(), (), Problem(sentence))
