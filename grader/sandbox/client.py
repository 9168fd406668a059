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
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from grader.errors import GraderError, UsageError
from grader.sandbox import folder, frames, messages
from grader.sandbox.confine import MEMORY, STRICT_LANDLOCK_ABI, gpu_paths, readable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

WORKSHOP = "grader.models.workshop"  # where handles become objects
PRELOAD = (WORKSHOP,)  # what tensor exercises need
MODEL_PRELOAD = (WORKSHOP, "grader.models.parts:load")  # what exercises on the tiny model need
MEMORY_BYTES = 2 * 2**30  # address space a worker may add to what the fork server has
MAX_THREADS = 128
_TICK_MILLISECONDS = 20
_BRIEF_SECONDS = 0.002  # too short to do any harm: not worth a look afterwards
_START_SECONDS = 120
_REAL_START_SECONDS = 1200  # gigabytes of weights, from a slow disk perhaps
# All that a worker sees of an environment. A compiler cannot run in one: `torch.compile` returns what it was given.
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", "TORCH_COMPILE_DISABLE": "1"}
# So that asking for a GPU does not make a context, which no fork survives; kernels are compiled into no cache.
_GPU_ENVIRONMENT = {"PYTORCH_NVML_BASED_CUDA_CHECK": "1", "CUDA_CACHE_DISABLE": "1"}
_ENDING_SECONDS = 1.0  # between a closed channel and the end of its process
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
    memory_bytes: int = MEMORY_BYTES


_PLAIN = Machine()


@dataclass(frozen=True)
class Deadline:
    """Seconds one exchange with a worker may take; wall time is generous, so that a busy machine fails nobody."""

    cpu_seconds: float

    @property
    def wall_seconds(self) -> float:
        """How long it may take by the clock on the wall."""
        return 5 + 4 * self.cpu_seconds

    @property
    def grace_seconds(self) -> float:
        """What the judge waits longer than the worker, which stops itself first and can say in which line."""
        return 0.5

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
        keep to the protocol; it is closed then.
        """
        try:
            self._signal(signal.SIGCONT)
            answer = self._exchange(frame, deadline)
            self._signal(signal.SIGSTOP)  # a thread it has started must not go on behind the judge's back
        except (frames.WireError, WorkerStopped):
            self.close()
            raise
        return answer

    def await_confinement(self) -> None:
        """Return when the process has confined itself; raise `GraderError` if it cannot."""
        decoder = msgspec.msgpack.Decoder(messages.FromNewWorker)
        try:
            header = frames.read_header(bytes(self._read(frames.HEADER_BYTES, lambda: None)))
            answer = frames.decode_structure(decoder, memoryview(self._read(header.structure, lambda: None)))
        except (frames.WireError, WorkerStopped) as error:
            raise GraderError(f"A worker could not be started: it {error}") from error
        if isinstance(answer, messages.Refused):
            raise GraderError(answer.reason)
        self._signal(signal.SIGSTOP)

    def close(self, patience: float = 0) -> int:
        """Wait so many seconds for the process to end, end it, delete its folder, and return its wait status."""
        if self._closed:
            return -1
        self._closed = True
        self._channel.close()
        status = self._server.reap(self, patience)
        folder.delete(self._folder)
        return status

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
        if now - started > _BRIEF_SECONDS:
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
                select.select([], [self._channel], [], _TICK_MILLISECONDS / 1000)
            except OSError:
                return  # it ended; reading tells what it said last

    def _read(self, size: int, watch: Callable[[], None]) -> bytearray:
        data = bytearray()
        while len(data) < size:
            try:
                part = self._channel.recv(min(size - len(data), 2**20))
            except BlockingIOError:
                if not self._poll.poll(_TICK_MILLISECONDS):
                    watch()
                continue
            except OSError:
                part = b""
            if not part:
                self._ended()
            data += part
            if len(data) < size:
                watch()  # whoever trickles bytes must not escape the deadline
        return data

    def _ended(self) -> None:
        raise WorkerStopped(_how_it_ended(self.close(patience=_ENDING_SECONDS)))

    def _look(self, now: float) -> None:
        """Stop a worker that fills the disk or starts threads without end; resource limits do not cover these."""
        if now < self._next_look:
            return
        self._next_look = now + _TICK_MILLISECONDS / 1000
        if _threads(self.pid) > MAX_THREADS:
            raise WorkerStopped(f"started more than {MAX_THREADS} threads.")
        if folder.over_quota(self._folder / "work", nameless_bytes=_nameless_bytes(self.pid)):
            raise WorkerStopped(f"wrote more than {folder.MAX_BYTES // 2**20} MiB, or {folder.MAX_FILES} files.")


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
        self._workers: set[Worker] = set()
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._folder = Path(tempfile.mkdtemp(prefix="grade-"))
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-m", "grader.sandbox.zygote"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=self._complaints,
                env=_ENVIRONMENT | (_GPU_ENVIRONMENT if self._machine.device == "cuda" else {}),
                cwd=self._folder,
                start_new_session=True,  # Ctrl-C is the judge's to handle
            )
        self._control.settimeout(_START_SECONDS if self._machine == _PLAIN else _REAL_START_SECONDS)
        self._send(messages.Preload(self._preload))

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
        """The level in force; raises `UsageError` if `strict` was asked and cannot be had."""
        if self._ready is None:
            self._ready = self._answer(messages.Ready)
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
            raise GraderError(f"A worker's folder could not be made: {error.strerror}: {error.filename}.") from error
        spawn = messages.Spawn(
            source=str(source),
            work=str(work),
            confined=isolation is Isolation.STRICT,
            readable=[*libraries.paths, *self._machine.readable],
            listed=libraries.listed,
            memory_bytes=self._machine.memory_bytes,
            file_bytes=folder.MAX_FILE_BYTES,
            cpu_seconds=cpu_seconds,
            devices=gpu_paths() if self._machine.device == "cuda" else [],
            last_steps=list(self._machine.last_steps),
            fresh=self._machine.device == "mps",  # Metal does not work in a fork
        )
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._send(spawn)
                socket.send_fds(self._control, [b"+"], [theirs.fileno()])
            worker = Worker(self, self._answer(messages.Spawned).pid, ours, place)
        except BaseException:
            ours.close()
            raise
        self._workers.add(worker)
        worker.await_confinement()
        return worker

    def reap(self, worker: Worker, patience: float) -> int:
        """Kill a worker that still runs after so many seconds, and return its wait status."""
        self._workers.discard(worker)
        if self._process.poll() is not None:
            return -1
        self._send(messages.Reap(worker.pid, patience))
        return self._answer(messages.Reaped).status

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

    def _send(self, message: msgspec.Struct) -> None:
        try:
            self._control.sendall(frames.encode_frame(message, []))
        except OSError as error:
            raise self._broken() from error

    def _answer(self, kind: type[T]) -> T:
        try:
            header = frames.read_header(self._exactly(frames.HEADER_BYTES))
            message = self._decoder.decode(self._exactly(header.structure))
        except OSError as error:
            raise self._broken() from error
        if isinstance(message, messages.Refused):
            raise GraderError(message.reason)
        if not isinstance(message, kind):
            raise self._broken()
        return message

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = self._control.recv(size - len(data))
            if not part:
                raise self._broken()
            data += part
        return data

    def _broken(self) -> GraderError:
        self._process.kill()  # whatever it is about to say belongs to nothing any more; `revive` starts another
        self._process.wait()
        self._complaints.seek(0)
        said = self._complaints.read()[-500:].decode("utf-8", "replace").strip()
        return GraderError(f"The fork server ended unexpectedly{': ' + said if said else '.'}")


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


def _how_it_ended(status: int) -> str:
    if status < 0:
        return "ended its process."
    if not os.WIFSIGNALED(status):
        return "ended its process instead of returning a result (`exit`, `os._exit`?)."
    number = os.WTERMSIG(status)
    if number in (signal.SIGKILL, signal.SIGXCPU):
        return "was killed: it used more memory or time than it may have."
    hint = " (recursion without end?)" if number == signal.SIGSEGV else ""
    return f"crashed its process: {signal.Signals(number).name}{hint}."
