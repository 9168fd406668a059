"""The judge's side of the boundary: starts the fork server and workers, asks them, and holds them to deadlines."""

from __future__ import annotations

import contextlib
import enum
import os
import select
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import msgspec

from grader import faults
from grader.errors import GraderError, UsageError
from grader.sandbox import folder, limits
from grader.sandbox.inside.confinement import MEMORY, STRICT_LANDLOCK_ABI, gpu_paths, readable
from grader.sandbox.wire import frames, messages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

WORKSHOP = "grader.workbench.workshop"  # where handles become objects
PRELOAD = (WORKSHOP,)  # what tensor exercises need
MODEL_PRELOAD = (WORKSHOP, "grader.diffusion.loading:load")  # what exercises on the tiny model need
# All that a worker sees of an environment. A compiler cannot run in one: `torch.compile` returns what it was given.
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", "TORCH_COMPILE_DISABLE": "1"}
# So that asking for a GPU does not make a context, which no fork survives; kernels are compiled into no cache.
_GPU_ENVIRONMENT = {"PYTORCH_NVML_BASED_CUDA_CHECK": "1", "CUDA_CACHE_DISABLE": "1"}
_NOT_READY = "The process for the submission could not be made ready"
_BEFORE_THE_FIRST_LINE = msgspec.msgpack.Decoder(messages.FromNewWorker)
_QUESTIONS: dict[int, str] = {
    signal.SIGSEGV: " (recursion without end?)",
    signal.SIGKILL: " (more memory or time than it may have?)",
    signal.SIGXCPU: " (more memory or time than it may have?)",
}
T = TypeVar("T", bound=msgspec.Struct)


class Isolation(enum.StrEnum):
    """What is asked for (all three), and what was in force (`strict` or `off`)."""

    STRICT = "strict"
    AUTO = "auto"
    OFF = "off"


@dataclass(frozen=True)
class Machine:
    """What workers get to compute with: by default a CPU and the tiny model.

    `device` is where the model computes, `last_steps` what brings it there, `readable` where its files are.
    """

    device: str = "cpu"
    last_steps: tuple[messages.Step, ...] = ()
    readable: tuple[str, ...] = ()
    memory_bytes: int = limits.WORKER_MEMORY_BYTES


_PLAIN = Machine()


@dataclass(frozen=True)
class Deadline:
    """Seconds one exchange with a worker may take; wall time is generous, so that a busy machine fails nobody."""

    cpu_seconds: float

    @property
    def wall_seconds(self) -> float:
        """How long it may take by the clock on the wall."""
        return limits.WALL_SECONDS_EXTRA + limits.WALL_SECONDS_PER_CPU_SECOND * self.cpu_seconds

    @property
    def grace_seconds(self) -> float:
        """What the judge waits longer than the worker, which stops itself first and can say in which line."""
        return limits.GRACE_SECONDS

    def passed(self, which: str) -> str:
        """Return the end of the sentence "Your function ..." when the time for computing or for waiting is up."""
        if which == messages.WAITING:
            return f"was stopped after {self.wall_seconds:g} seconds of waiting: does it sleep, or wait for something?"
        return f"was stopped after {self.cpu_seconds:g} seconds: is there a loop without end?"


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


class Worker:
    """One forked process that runs one submission's functions for one exercise."""

    def __init__(self, server: ForkServer, pid: int, channel: socket.socket, place: Path) -> None:
        self._server = server
        self.pid = pid
        self._channel = channel
        self._folder = place
        self._decoder = msgspec.msgpack.Decoder(messages.FromWorker)
        self._next_look = 0.0
        self._closed = False
        channel.setblocking(False)
        self._poll = select.poll()
        self._poll.register(channel, select.POLLIN)

    def ask(self, frame: bytes, deadline: Deadline) -> tuple[Any, memoryview]:
        """Let the process run, send it a frame, return its answer with the buffers, and hold the process again.

        Raises `WorkerStopped` if the worker runs out of time, ends or breaks a limit, `WireError` if it does not
        keep to the protocol, `GraderError` if the fork server is gone; it is closed then.
        """
        with self._closed_if_anything_happens():
            self._signal(signal.SIGCONT)
            answer = self._exchange(frame, deadline)
            self._signal(signal.SIGSTOP)  # a thread it has started must not go on behind the judge's back
        return answer

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
        """Wait so many seconds for the process to end, end it, delete its folder, and return how it ended.

        None if the fork server, which knows, is gone, or if this was closed before.
        """
        if self._closed:
            return None
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
            header = frames.read_header(bytes(self._read(frames.HEADER_BYTES, watch)))
            body = memoryview(self._read(header.structure + header.buffers, watch))
            word = frames.decode_structure(_BEFORE_THE_FIRST_LINE, body)
        except WorkerEnded as error:
            raise GraderError(f"{_NOT_READY}: it {error.how}.") from error
        except (frames.WireError, WorkerStopped) as error:
            raise GraderError(f"{_NOT_READY}: {error}") from error
        if isinstance(word, messages.Fault):
            raise _grader_error(_NOT_READY, word)
        if not isinstance(word, kind):
            raise GraderError(f"{_NOT_READY}: it said {type(word).__name__} instead of {kind.__name__}.")

    def _exchange(self, frame: bytes, deadline: Deadline) -> tuple[Any, memoryview]:
        started, cpu_before = time.monotonic(), _cpu_seconds(self.pid)

        def watch() -> None:
            now = time.monotonic()
            cpu = _cpu_seconds(self.pid) - cpu_before
            if cpu > deadline.cpu_seconds + deadline.grace_seconds:
                raise WorkerStopped(deadline.passed(messages.COMPUTING), out_of_time=True)
            if now - started > deadline.wall_seconds + deadline.grace_seconds:
                raise WorkerStopped(deadline.passed(messages.WAITING), out_of_time=True)
            self._look(now)

        self._look(started)
        self._write(memoryview(frame), watch)
        header = frames.read_header(bytes(self._read(frames.HEADER_BYTES, watch)))
        body = memoryview(self._read(header.structure + header.buffers, watch))
        now = time.monotonic()
        if now - started > limits.BRIEF_SECONDS:
            self._next_look = now
        self._look(now)
        return frames.decode_structure(self._decoder, body[: header.structure]), body[header.structure :]

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

    def _read(self, size: int, watch: Callable[[], None]) -> bytearray:
        data = bytearray()
        while len(data) < size:
            try:
                part = self._channel.recv(min(size - len(data), 2**20))
            except BlockingIOError:
                if not self._poll.poll(limits.TICK_SECONDS * 1000):
                    watch()
                continue
            except ConnectionError:
                part = b""
            if not part:
                self._ended()
            data += part
            if len(data) < size:
                watch()  # whoever trickles bytes must not escape the deadline
        return data

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


class ForkServer:
    """A warm process that forks workers; one serves any number of submissions, one after the other or side by side."""

    def __init__(
        self,
        wanted: Isolation = Isolation.AUTO,
        preload: Sequence[messages.Step] = (),
        machine: Machine = _PLAIN,
    ) -> None:
        """Start the process and return at once; it imports `preload` meanwhile (see `messages.Preload`)."""
        self._wanted = wanted
        self._machine = machine
        self._preload = list(preload)
        self._decoder = msgspec.msgpack.Decoder(messages.FromForkServer)
        self._start()

    def _start(self) -> None:
        self._ready: messages.Ready | None = None
        self._why_not_ready: GraderError | None = None
        self._workers: set[Worker] = set()
        with contextlib.ExitStack() as undo:
            try:
                self._complaints = undo.enter_context(tempfile.TemporaryFile())
                self._folder = Path(tempfile.mkdtemp(prefix="grade-"))
                undo.callback(folder.delete, self._folder)
                self._control, theirs = socket.socketpair()
                undo.callback(self._control.close)
                with theirs:
                    self._process = subprocess.Popen(
                        [sys.executable, "-I", "-m", "grader.sandbox.inside.zygote"],
                        stdin=theirs.fileno(),
                        stdout=subprocess.DEVNULL,
                        stderr=self._complaints,
                        env=_ENVIRONMENT | (_GPU_ENVIRONMENT if self._machine.device == "cuda" else {}),
                        cwd=self._folder,
                        start_new_session=True,  # Ctrl-C is the judge's to handle
                    )
            except OSError as error:
                raise GraderError(f"The fork server could not be started: {faults.reason(error)}") from error
            undo.callback(self._end)
            self._control.settimeout(self.start_seconds)
            self._send(messages.Preload(self._preload))
            undo.pop_all()

    @property
    def start_seconds(self) -> int:
        """How long it may take, by the clock on the wall, to get anything ready."""
        return limits.START_SECONDS if self._machine == _PLAIN else limits.REAL_START_SECONDS

    def revive(self) -> None:
        """Start the process again if it has ended."""
        if self._process.poll() is not None:
            self.close()
            self._start()

    def __enter__(self) -> ForkServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def isolation(self) -> Isolation:
        """The level in force; raises `UsageError` if `strict` was asked and cannot be had.

        The first use waits for the process to get ready, and raises `GraderError` if it could not; so does every
        further one, until `revive` has started another process.
        """
        if self._why_not_ready is not None:
            raise self._why_not_ready
        if self._ready is None:
            try:
                self._ready = self._answer(messages.Ready)
            except GraderError as error:
                self._why_not_ready = error
                self._end()
                raise
        proc = MEMORY.exists()
        possible = self._ready.landlock_abi >= STRICT_LANDLOCK_ABI and self._ready.seccomp and proc
        if self._wanted is Isolation.STRICT and not possible:
            landlock = f"Landlock ABI {self._ready.landlock_abi}" if self._ready.landlock_abi else "no Landlock"
            seccomp = "libseccomp" if self._ready.seccomp else "no libseccomp"
            raise UsageError(
                f"Strict isolation needs Linux with Landlock ABI {STRICT_LANDLOCK_ABI} or newer, libseccomp and /proc; "
                f"found {landlock}, {seccomp} and {'/proc' if proc else 'no /proc'}: install libseccomp2, use a newer "
                "kernel, mount /proc, or grade only code you trust with --isolation auto."
            )
        return Isolation.STRICT if possible and self._wanted is not Isolation.OFF else Isolation.OFF

    def prepare(self, preload: Sequence[messages.Step]) -> None:
        """Have the process import what it has not imported yet."""
        if missing := [step for step in preload if step not in self._preload]:
            _ = self.isolation  # its first answer comes first
            self._send(messages.Preload(missing))
            self._answer(messages.Ready)
            self._preload += missing

    def spawn(self, files: Mapping[str, str], cpu_seconds: int, forbidden: Sequence[str] = ()) -> Worker:
        """Fork a worker that has `files` (relative path to text) in its folder; `cpu_seconds` is for its whole life.

        It cannot read the files of modules that are `forbidden`.
        """
        isolation, libraries = self.isolation, readable(tuple(forbidden))
        try:
            place = Path(tempfile.mkdtemp(dir=self._folder))
            source, work = place / "source", place / "work"
            work.mkdir()
            for name, text in files.items():
                path = source / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="")
        except OSError as error:
            raise GraderError(f"The submission's private folder could not be made: {faults.reason(error)}") from error
        spawn = messages.Spawn(
            source=str(source),
            work=str(work),
            confined=isolation is Isolation.STRICT,
            readable=[*libraries.paths, *self._machine.readable],
            listed=libraries.listed,
            memory_bytes=self._machine.memory_bytes,
            file_bytes=limits.MAX_FILE_BYTES,
            cpu_seconds=cpu_seconds,
            devices=gpu_paths() if self._machine.device == "cuda" else [],
            last_steps=list(self._machine.last_steps),
            fresh=self._machine.device == "mps",  # Metal does not work in a fork
        )
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._send(spawn, theirs.fileno())
            worker = Worker(self, self._answer(messages.Spawned).pid, ours, place)
        except BaseException:
            ours.close()
            folder.delete(place)
            raise
        self._workers.add(worker)
        worker.await_confinement()
        return worker

    def reap(self, worker: Worker, patience: float) -> messages.Reaped | None:
        """Kill a worker that still runs after so many seconds, and return how it ended; None if this is gone itself."""
        self._workers.discard(worker)
        if self._process.poll() is not None:
            return None
        self._send(messages.Reap(worker.pid, patience))
        return self._answer(messages.Reaped)

    def close(self) -> None:
        """End the process, its workers and their folders."""
        with contextlib.suppress(GraderError):  # a process that is gone already has no workers to end
            for worker in tuple(self._workers):
                worker.close()
        self._control.close()
        self._process.kill()  # its workers, if any are left, end with it; an interpreter's own end takes longer
        self._process.wait()
        self._complaints.close()
        folder.delete(self._folder)

    def _send(self, message: msgspec.Struct, descriptor: int | None = None) -> None:
        try:
            self._control.sendall(frames.encode_frame(message, []))
            if descriptor is not None:
                socket.send_fds(self._control, [b"+"], [descriptor])
        except OSError as error:
            raise self.broken() from error

    def _answer(self, kind: type[T]) -> T:
        try:
            header = frames.read_header(self._exactly(frames.HEADER_BYTES))
            message = self._decoder.decode(self._exactly(header.structure))
        except TimeoutError as error:
            self._end()
            raise GraderError(f"The fork server did not answer within {self.start_seconds} seconds.") from error
        except (OSError, frames.WireError, msgspec.MsgspecError) as error:
            raise self.broken() from error
        if isinstance(message, messages.Fault):
            raise _grader_error("The fork server broke", message)
        if not isinstance(message, kind):
            raise self.broken()
        return message

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = self._control.recv(size - len(data))
            if not part:
                raise self.broken()
            data += part
        return data

    def _end(self) -> None:
        """End the process: what it says from now on answers nothing. `revive` starts another one."""
        self._process.kill()
        self._process.wait()

    def broken(self) -> GraderError:
        """End the process, and return the error that says how it ended and what it complained about last."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(limits.ENDING_SECONDS)  # the status of its own end says more than that of being killed
        self._end()
        self._complaints.seek(0)
        said = self._complaints.read()[-limits.MAX_FAULT :].decode("utf-8", "replace").strip()
        status = self._process.returncode
        how = f"it was killed by {_name(-status)}" if status < 0 else f"its exit status is {status}"
        last = said.rpartition("\n")[2].strip()
        told = [f"The fork server ended unexpectedly: {how}.", last and f"It said: {last}.", faults.advice(0, last)]
        error = GraderError(" ".join(filter(None, told)))
        if said:
            error.add_note(said)
        return error


def _grader_error(what: str, fault: messages.Fault) -> GraderError:
    """Return what broke in another process as an error here, with the traceback from there as a note."""
    said = f"{what}: {fault.error}: {fault.message}".removesuffix(": ").removesuffix(".")
    error = GraderError(f"{said}. {faults.advice(fault.number, said)}".rstrip())
    error.add_note(f"In the other process:\n{fault.traceback}")
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
    return WorkerEnded(f"ended unexpectedly: it was killed by {_name(number)}", _QUESTIONS.get(number, ""))


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # those for real-time use have none
        return f"signal {number}"
