"""One worker as the judge sees it: asked, held to its deadlines and its limits, and held still in between."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import stat
import sys
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn, Protocol

import msgspec

from grader import faults
from grader.errors import GraderError
from grader.sandbox import folder, limits
from grader.sandbox.wire import frames, messages

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from grader.sandbox.outside.deadline import Deadline

_NOT_READY = "The process for the submission could not be made ready"
_BEFORE_THE_FIRST_LINE = msgspec.msgpack.Decoder(messages.FromNewWorker)
_QUESTIONS: dict[int, str] = {
    signal.SIGSEGV: " (recursion without end?)",
    signal.SIGKILL: " (more memory or time than it may have?)",
    signal.SIGXCPU: " (more memory or time than it may have?)",
}


class Server(Protocol):
    """What a worker needs of the fork server that made it."""

    @property
    def start_seconds(self) -> int:
        """How long it may take, by the clock on the wall, to get anything ready."""

    @property
    def interrupted(self) -> bool:
        """Whether nobody waits for answers any more."""

    def reap(self, worker: WorkerHandle, patience: float) -> messages.Reaped | None:
        """Kill a worker that still runs after this many seconds; return how it ended, None if the server is gone."""

    def broken(self) -> GraderError:
        """Return the error that says how the server itself ended."""


class WorkerStopped(Exception):
    """A worker that will not answer any more; its text ends the sentence "Your function ...", with its full stop."""

    def __init__(self, reason: str, *, out_of_time: bool = False) -> None:
        super().__init__(reason)
        self.out_of_time = out_of_time


class WorkerEnded(WorkerStopped):
    """A worker whose process is gone; its text ends the sentence "The process that ran your code ...".

    `how` is what the kernel says about that, without the question that may help to find out why. Nobody is accused:
    nobody can tell what made the process end.
    """

    def __init__(self, how: str, question: str = "") -> None:
        super().__init__(f"{how}{question}.")
        self.how = how


class WorkerHandle:
    """One forked process that runs one submission's functions for one exercise."""

    def __init__(self, server: Server, pid: int, channel: socket.socket, place: Path) -> None:
        self._server = server
        self.pid = pid
        self._channel = channel
        self._folder = place
        self._decoder = msgspec.msgpack.Decoder(messages.FromWorker)
        self._next_look = 0.0
        self._cpu_seconds = 0.0
        self._closed = False
        channel.setblocking(False)
        self._poll = select.poll()
        self._poll.register(channel, select.POLLIN)

    def ask(self, frame: bytes, deadline: Deadline) -> tuple[Any, memoryview]:
        """Let the process run, send it a frame, return its answer with the buffers, and hold the process again.

        Raises `WorkerStopped` if the worker runs out of time, ends or breaks a limit, `WireError` if it does not
        keep to the protocol, `GraderError` if the fork server is gone, and `KeyboardInterrupt` if nobody waits for it
        any more; it is closed then.
        """
        with self._closed_if_anything_happens():
            if self._server.interrupted:
                raise KeyboardInterrupt
            self._signal(signal.SIGCONT)
            answer = self._exchange(frame, deadline)
            self._signal(signal.SIGSTOP)  # a thread it has started must not go on behind the judge's back
        return answer

    @property
    def cpu_seconds(self) -> float:
        """The CPU seconds that the process has used; 0.0 on a system that does not tell."""
        if not self._closed:
            self._cpu_seconds = max(self._cpu_seconds, _cpu_seconds(self.pid))
        return self._cpu_seconds

    def await_confinement(self) -> None:
        """Return when the process has confined itself; raise `GraderError` if it does not, and close it."""
        with self._closed_if_anything_happens():
            self._hear(messages.Confined)
            self._signal(signal.SIGSTOP)

    def load(self, load: messages.Load, deadline: Deadline) -> Any:
        """Have the process import the submission's files, and return what it answers.

        Raises `GraderError` for what breaks before the first line of the submission, and what `ask` raises afterwards.
        """
        with self._closed_if_anything_happens():
            self._signal(signal.SIGCONT)
            self._hear(messages.Began, frames.encode_frame(load, []))
            answer, _ = self._exchange(b"", deadline)
            self._signal(signal.SIGSTOP)
        return answer

    @contextlib.contextmanager
    def _closed_if_anything_happens(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.close()
            raise

    def close(self, patience: float = 0) -> messages.Reaped | None:
        """Wait at most `patience` seconds for the process to end, end it, delete its folder, and return how it ended.

        None if the fork server, which knows, is gone, or if this was closed before.
        """
        if self._closed:
            return None
        _ = self.cpu_seconds  # for the last time: afterwards nobody knows
        self._closed = True
        self._channel.close()
        reaped = self._server.reap(self, patience)
        folder.delete(self._folder)
        return reaped

    def _hear(self, kind: type[msgspec.Struct], frame: bytes = b"") -> None:
        """Send a frame and wait for a word that comes before the submission's first line; else, the grader broke."""
        seconds = self._server.start_seconds
        until = time.monotonic() + seconds

        def watch() -> None:
            if time.monotonic() > until:
                raise WorkerStopped(f"it was not ready within {seconds} seconds.")

        try:
            self._write(memoryview(frame), watch)
            word = frames.decode_structure(_BEFORE_THE_FIRST_LINE, self._read(watch).structure)
        except WorkerEnded as error:
            raise GraderError(f"{_NOT_READY}: it {error.how}.") from error
        except (frames.WireError, WorkerStopped) as error:
            raise GraderError(f"{_NOT_READY}: {error}") from error
        if isinstance(word, messages.Fault):
            raise grader_error(_NOT_READY, word)
        if not isinstance(word, kind):
            raise GraderError(f"{_NOT_READY}: it said {type(word).__name__} instead of {kind.__name__}.")

    def _exchange(self, frame: bytes, deadline: Deadline) -> tuple[Any, memoryview]:
        started, cpu_before = time.monotonic(), self.cpu_seconds

        def watch() -> None:
            if self._server.interrupted:
                raise KeyboardInterrupt
            now = time.monotonic()
            cpu = self.cpu_seconds - cpu_before
            if cpu > deadline.cpu_seconds + deadline.grace_seconds:
                raise WorkerStopped(deadline.passed(messages.COMPUTING), out_of_time=True)
            if now - started > deadline.wall_seconds + deadline.grace_seconds:
                raise WorkerStopped(deadline.passed(messages.WAITING), out_of_time=True)
            self._look(now)

        self._look(started)
        self._write(memoryview(frame), watch)
        answer = self._read(watch)
        now = time.monotonic()
        if now - started > limits.BRIEF_SECONDS:
            self._next_look = now
        self._look(now)
        return frames.decode_structure(self._decoder, answer.structure), answer.buffers

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)  # not another's: nobody but the fork server reaps it, and only when asked

    def _write(self, data: memoryview, watch: Callable[[], None]) -> None:
        while data:
            try:
                data = data[self._channel.send(data) :]
            except BlockingIOError:
                watch()
                select.select([], [self._channel], [], limits.TICK_SECONDS)
            except ConnectionError:
                return  # it ended; reading tells what it said last

    def _read(self, watch: Callable[[], None]) -> frames.Received:
        def receive(most: int) -> bytes:
            while True:
                try:
                    part = self._channel.recv(most)
                except BlockingIOError:
                    if not self._poll.poll(limits.TICK_SECONDS * 1000):
                        watch()
                    continue
                except ConnectionError:
                    return b""
                if len(part) < most:
                    watch()  # whoever trickles bytes must not escape the deadline
                return part

        return frames.read_frame(receive) or self._ended()

    def _ended(self) -> NoReturn:
        reaped = self.close(patience=limits.ENDING_SECONDS)
        if reaped is None:  # every worker ends with the fork server
            raise self._server.broken()
        raise _worker_ended(reaped)

    def _look(self, now: float) -> None:
        """Stop a worker that fills the disk or starts threads without end; resource limits do not cover these."""
        if now < self._next_look:
            return
        self._next_look = now + limits.TICK_SECONDS
        if _threads(self.pid) > limits.MAX_THREADS:
            raise WorkerStopped(f"started more than {limits.MAX_THREADS} threads.")
        if folder.over_quota(self._folder / "work", nameless_bytes=_nameless_bytes(self.pid)):
            raise WorkerStopped(
                f"wrote more than {limits.MAX_FOLDER_BYTES // 2**20} MiB, or {limits.MAX_FOLDER_FILES} files."
            )


def grader_error(what: str, fault: messages.Fault) -> GraderError:
    """Return what broke in another process as an error here, with the traceback from there as a note."""
    said = f"{what}: {fault.error}: {fault.message}".removesuffix(": ").removesuffix(".")
    error = GraderError(f"{said}. {faults.advice(fault.number, said)}".rstrip())
    error.add_note(f"In the other process:\n{fault.traceback}")
    return error


def error_of_end(process: str, status: int, complaints: IO[bytes]) -> GraderError:
    """Return how a process of ours has ended, by its status as `subprocess` writes it and what it complained about."""
    complaints.seek(0)
    said = complaints.read()[-limits.MAX_FAULT :].decode("utf-8", "replace").strip()
    how = f"it was killed by {name_of_signal(-status)}" if status < 0 else f"its exit status is {status}"
    last = said.rpartition("\n")[2].strip()
    told = [f"{process} ended unexpectedly: {how}.", last and f"It said: {last}.", faults.advice(0, last)]
    error = GraderError(" ".join(filter(None, told)))
    if said:
        error.add_note(said)
    return error


# --- what the kernel says about a worker ------------------------------------------------------------------------


def _cpu_seconds(pid: int) -> float:
    if sys.platform != "linux":
        return 0.0  # the wall deadline still holds
    with contextlib.suppress(OSError):
        return time.clock_gettime((~pid << 3) | 2)  # the process's CPU-time clock, see clock_getcpuclockid(3)
    return 0.0


def _threads(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_bytes().rsplit(b")", 1)[1].split()[17])
    except (OSError, IndexError):
        return 0


def _nameless_bytes(pid: int) -> int:
    """Return the size of the files that a process holds open after they were deleted, or that never had a name."""
    size = 0
    with contextlib.suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                status = descriptor.stat()
                if stat.S_ISREG(status.st_mode) and status.st_nlink == 0:
                    size += status.st_blocks * 512
    return size


def _worker_ended(reaped: messages.Reaped) -> WorkerEnded:
    if reaped.killed:
        return WorkerEnded("stopped answering")
    if not os.WIFSIGNALED(reaped.status):
        status = os.waitstatus_to_exitcode(reaped.status)
        return WorkerEnded(f"ended unexpectedly, with exit status {status}", " (is there an `exit`?)")
    number = os.WTERMSIG(reaped.status)
    return WorkerEnded(f"ended unexpectedly: it was killed by {name_of_signal(number)}", _QUESTIONS.get(number, ""))


def name_of_signal(number: int) -> str:
    """Return what a signal is called, such as SIGKILL."""
    try:
        return signal.Signals(number).name
    except ValueError:  # those for real-time use have none
        return f"signal {number}"
