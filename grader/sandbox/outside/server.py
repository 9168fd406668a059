"""The fork server as the judge sees it: started, asked for workers, revived, ended."""

from __future__ import annotations

import contextlib
import enum
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

from grader import faults
from grader.errors import GraderError, UsageError
from grader.sandbox import folder, limits
from grader.sandbox.inside.confinement import MEMORY
from grader.sandbox.inside.landlock import STRICT_LANDLOCK_ABI
from grader.sandbox.inside.readable import gpu_paths, readable
from grader.sandbox.outside.environment import scrubbed
from grader.sandbox.outside.workbench_file import PLAIN
from grader.sandbox.outside.worker_handle import WorkerHandle, grader_error, name_of_signal
from grader.sandbox.wire import frames, messages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

T = TypeVar("T", bound=msgspec.Struct)


class Isolation(enum.StrEnum):
    """What is asked for (all three), and what was in force (`strict` or `off`)."""

    STRICT = "strict"
    AUTO = "auto"
    OFF = "off"


@dataclass(frozen=True)
class Machine:
    """What workers get to compute with: by default a CPU and a small model.

    `device` is where a model computes, `readable` where its files are.
    """

    device: str = "cpu"
    readable: tuple[str, ...] = ()
    memory_bytes: int = limits.WORKER_MEMORY_BYTES

    @property
    def can_fork(self) -> bool:
        """Whether workers are forks that share a loaded model; nothing of Metal works in a fork."""
        return self.device != "mps"


_PLAIN = Machine()


class ForkServer:
    """A warm process that forks workers; one serves any number of submissions, one after the other or side by side."""

    def __init__(
        self,
        wanted: Isolation = Isolation.AUTO,
        equipment: messages.Equipment = PLAIN,
        machine: Machine = _PLAIN,
    ) -> None:
        """Start the process and return at once; it gets the equipment ready meanwhile."""
        self._wanted = wanted
        self._machine = machine
        self._equipped = [equipment]
        self._decoder = msgspec.msgpack.Decoder(messages.FromForkServer)
        self._start()

    def _start(self) -> None:
        self._ready: messages.Ready | None = None
        self._why_not_ready: GraderError | None = None
        self._workers: set[WorkerHandle] = set()
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
                        env=scrubbed(gpu=self._machine.device == "cuda"),
                        cwd=self._folder,
                        start_new_session=True,  # Ctrl-C is the judge's to handle
                    )
            except OSError as error:
                raise GraderError(f"The fork server could not be started: {faults.reason(error)}") from error
            undo.callback(self._end)
            self._control.settimeout(self.start_seconds)
            self._equip(self._equipped[0])
            undo.pop_all()

    @property
    def start_seconds(self) -> int:
        """How long it may take, by the clock on the wall, to get anything ready."""
        return limits.START_SECONDS if self._machine == _PLAIN else limits.REAL_START_SECONDS

    def revive(self) -> None:
        """Start the process again if it has ended; what it had got ready, `prepare` gets ready again."""
        if self._process.poll() is not None:
            self.close()
            self._equipped = [PLAIN]
            self._start()

    def __enter__(self) -> ForkServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def await_ready(self) -> Isolation:
        """Wait until the process is ready, and return the level in force.

        Raises `GraderError` if it cannot get ready, again and again until `revive` has started another process, and
        `UsageError` if `strict` was asked and cannot be had.
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
        return self.isolation

    @property
    def isolation(self) -> Isolation:
        """The level in force, once `await_ready` has returned."""
        if self._ready is None:
            raise RuntimeError("Which isolation is possible is not known before `await_ready`.")
        proc = MEMORY.exists()
        possible = self._ready.landlock_abi >= STRICT_LANDLOCK_ABI and self._ready.seccomp and proc
        if self._wanted is Isolation.STRICT and not possible:
            raise UsageError(_why_not_strict(self._ready, proc=proc))
        return Isolation.STRICT if possible and self._wanted is not Isolation.OFF else Isolation.OFF

    def prepare(self, equipment: messages.Equipment) -> None:
        """Have the process get ready what it has not got ready yet, and wait for it."""
        self.await_ready()
        if not self._has(equipment):
            self._equip(equipment)
            self._answer(messages.Ready)
            self._equipped.append(equipment)

    def _has(self, equipment: messages.Equipment) -> bool:
        if equipment.model is None:
            return any(known.workbench == equipment.workbench for known in self._equipped)
        return equipment in self._equipped

    def _equip(self, equipment: messages.Equipment) -> None:
        # Where workers are no forks, each of them loads the model itself.
        shared = equipment if self._machine.can_fork else msgspec.structs.replace(equipment, model=None)
        self._send(messages.Equip(shared))

    def spawn(
        self,
        files: Mapping[str, str],
        cpu_seconds: int,
        forbidden: Sequence[str] = (),
        equipment: messages.Equipment = PLAIN,
    ) -> WorkerHandle:
        """Fork a worker that has `files` (relative path to text) in its folder; `cpu_seconds` is for its whole life.

        It cannot read the files of modules that are `forbidden`. The equipment must have been prepared.
        """
        isolation, libraries = self.await_ready(), readable(tuple(forbidden))
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
        rules = messages.Rules(
            source=str(source),
            work=str(work),
            confined=isolation is Isolation.STRICT,
            readable=[*libraries.paths, *self._machine.readable],
            listed=libraries.listed,
            memory_bytes=self._machine.memory_bytes,
            file_bytes=limits.MAX_FILE_BYTES,
            cpu_seconds=cpu_seconds,
            devices=gpu_paths() if self._machine.device == "cuda" else [],
        )
        to_device = equipment.model is not None and self._machine.device != "cpu"
        spawn = messages.Spawn(rules, equipment, to_device, fresh=not self._machine.can_fork)
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._send(spawn, theirs.fileno())
            worker = WorkerHandle(self, self._answer(messages.Spawned).pid, ours, place)
        except BaseException:
            ours.close()
            folder.delete(place)
            raise
        self._workers.add(worker)
        worker.await_confinement()
        return worker

    def reap(self, worker: WorkerHandle, patience: float) -> messages.Reaped | None:
        """Kill a worker that runs on after `patience` seconds, and return how it ended; None if the server is gone."""
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
            received = frames.read_frame(self._control.recv)
            if received is None:
                raise self.broken()
            message = self._decoder.decode(received.structure)
        except TimeoutError as error:
            self._end()
            raise GraderError(f"The fork server did not answer within {self.start_seconds} seconds.") from error
        except (OSError, frames.WireError, msgspec.MsgspecError) as error:
            raise self.broken() from error
        if isinstance(message, messages.Fault):
            raise grader_error("The fork server broke", message)
        if not isinstance(message, kind):
            raise self.broken()
        return message

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
        how = f"it was killed by {name_of_signal(-status)}" if status < 0 else f"its exit status is {status}"
        last = said.rpartition("\n")[2].strip()
        told = [f"The fork server ended unexpectedly: {how}.", last and f"It said: {last}.", faults.advice(0, last)]
        error = GraderError(" ".join(filter(None, told)))
        if said:
            error.add_note(said)
        return error


def _why_not_strict(ready: messages.Ready, *, proc: bool) -> str:
    landlock = f"Landlock ABI {ready.landlock_abi}" if ready.landlock_abi else "no Landlock"
    seccomp = "libseccomp" if ready.seccomp else "no libseccomp"
    return (
        f"Strict isolation needs Linux with Landlock ABI {STRICT_LANDLOCK_ABI} or newer, libseccomp and /proc; "
        f"found {landlock}, {seccomp} and {'/proc' if proc else 'no /proc'}: install libseccomp2, use a newer "
        "kernel, mount /proc, or grade only code you trust with --isolation auto."
    )
