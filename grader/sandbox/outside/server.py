"""The fork server as the judge sees it: started, asked for workers, revived, ended."""

from __future__ import annotations

import contextlib
import enum
import os
import socket
import subprocess
import sys
import tempfile
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader import faults
from grader.errors import GraderError, UsageError
from grader.sandbox import folder, limits
from grader.sandbox.inside.confinement import MEMORY
from grader.sandbox.inside.landlock import STRICT_LANDLOCK_ABI
from grader.sandbox.inside.readable import gpu_paths, readable
from grader.sandbox.outside.environment import scrubbed
from grader.sandbox.outside.forker import Forker, T, Unintelligible
from grader.sandbox.outside.no_isolation import why_not_strict
from grader.sandbox.outside.user import give, started_as, told_of
from grader.sandbox.outside.workbench_file import PLAIN
from grader.sandbox.outside.worker_handle import WorkerHandle, error_of_end
from grader.sandbox.wire import messages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import msgspec

    from grader.sandbox.outside.user import User


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
    def on_cuda(self) -> bool:
        """Whether it is a GPU of NVIDIA's, one of several perhaps."""
        return self.device.startswith("cuda")

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
        user: User | None = None,
    ) -> None:
        """Start the process and return at once; it gets the equipment ready meanwhile.

        A model is loaded by a branch, a fork of the process, so that workers of exercises that need none have none of
        what it imports, whatever else is graded. With a `user`, the process and its workers are that user's.
        """
        self._user = user
        self._wanted = wanted
        self._machine = machine
        self._equipment = equipment
        self.interrupted = False  # set by another thread: whoever asks a worker gets a `KeyboardInterrupt` as of now
        self._start()

    def _start(self) -> None:
        self._workers: dict[WorkerHandle, Forker] = {}
        self._branches: list[Forker] = []
        self._begun: deque[Forker] = deque()  # branches whose process id the server has not said yet
        self._benches = [self._equipment.workbench]
        self._broken: GraderError | None = None
        with contextlib.ExitStack() as undo:
            try:
                self._complaints = undo.enter_context(tempfile.TemporaryFile())
                self._folder = Path(tempfile.mkdtemp(prefix="grade-"))
                undo.callback(folder.delete, self._folder)
                give(self._user, self._folder)
                control, theirs = socket.socketpair()
                self._trunk = Forker(control, self._equipment)
                undo.callback(control.close)
                with theirs:
                    self._process = subprocess.Popen(
                        [sys.executable, "-I", "-m", "grader.sandbox.inside.zygote"],
                        stdin=theirs.fileno(),
                        stdout=subprocess.DEVNULL,
                        stderr=self._complaints,
                        env=scrubbed(gpu=self._machine.on_cuda, **told_of(self._user)),
                        cwd=self._folder,
                        start_new_session=True,  # Ctrl-C is the judge's to handle
                        **started_as(self._user),
                    )
            except OSError as error:
                raise GraderError(f"The fork server could not be started: {faults.reason(error)}") from error
            undo.callback(self._end)
            control.settimeout(self.start_seconds)
            self._send(messages.Equip(messages.Equipment(self._equipment.workbench)))
            self.begin(self._equipment)
            undo.pop_all()

    @property
    def start_seconds(self) -> int:
        """How long it may take, by the clock on the wall, to get anything ready."""
        return limits.START_SECONDS if self._machine == _PLAIN else limits.REAL_START_SECONDS

    def revive(self) -> None:
        """Start the process again if it has ended; what it had got ready, `prepare` gets ready again."""
        if self._process.poll() is not None:
            self.close()
            self._equipment = PLAIN
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
        trunk = self._trunk
        if trunk.broken is not None:
            raise trunk.broken
        if trunk.ready is None:
            try:
                trunk.ready = self._answer(messages.Ready)
            except GraderError as error:
                trunk.broken = error
                self._end()
                raise
        return self.isolation

    @property
    def isolation(self) -> Isolation:
        """The level in force, once `await_ready` has returned."""
        ready = self._trunk.ready
        if ready is None:
            raise RuntimeError("Which isolation is possible is not known before `await_ready`.")
        proc = MEMORY.exists()
        possible = ready.landlock_abi >= STRICT_LANDLOCK_ABI and ready.seccomp and proc
        if self._wanted is Isolation.STRICT and not possible:
            raise UsageError(why_not_strict(ready, proc=proc))
        return Isolation.STRICT if possible and self._wanted is not Isolation.OFF else Isolation.OFF

    @property
    def in_force(self) -> str:
        """The level for verdicts: `user` where only another user and seccomp, if there is any, stand in between."""
        return "user" if self.isolation is Isolation.OFF and self._is_partly_confined else self.isolation.value

    @property
    def _is_partly_confined(self) -> bool:
        return self._user is not None and self._wanted is not Isolation.OFF

    def begin(self, equipment: messages.Equipment) -> Forker:
        """Have a branch get a model ready and do not wait for it; what goes wrong is told by `prepare`."""
        if (found := self._forker_with(equipment)) is not None:
            return found
        ours, theirs = socket.socketpair()
        ours.settimeout(self.start_seconds)
        branch = Forker(ours, equipment)
        self._branches.append(branch)
        with theirs:
            self._send(messages.Branch(), theirs.fileno())
        self._begun.append(branch)
        self._send(messages.Equip(equipment), forker=branch)
        return branch

    def prepare(self, equipment: messages.Equipment) -> None:
        """Have the process get ready what it has not got ready yet, and wait for it."""
        self.await_ready()
        if not self._is_branched(equipment):
            if equipment.workbench not in self._benches:
                self._hear_of_branches()
                self._send(messages.Equip(messages.Equipment(equipment.workbench)))
                self._answer(messages.Ready)
                self._benches.append(equipment.workbench)
            return
        branch = self.begin(equipment)
        self._hear_of_branches()
        try:
            if branch.broken is not None:
                raise branch.broken
            branch.ready = branch.ready or self._answer(messages.Ready, branch)
        except GraderError:  # the next who needs it gets another one
            self._end_branch(branch)
            raise

    def _is_branched(self, equipment: messages.Equipment) -> bool:
        return equipment.model is not None and self._machine.can_fork  # else each worker loads the model itself

    def _forker_with(self, equipment: messages.Equipment) -> Forker | None:
        if not self._is_branched(equipment):
            return self._trunk
        return next((branch for branch in self._branches if branch.equipment == equipment), None)

    def _hear_of_branches(self) -> None:
        """Take the answers to `Branch`, which the server has given in the order of the questions."""
        while self._begun:
            branch = self._begun.popleft()
            try:
                branch.pid = self._answer(messages.Branched).pid
            except GraderError as error:
                branch.broken = error

    def _end_branch(self, branch: Forker) -> None:
        self._branches.remove(branch)
        branch.control.close()
        if branch.pid and self._process.poll() is None:
            self._send(messages.Reap(branch.pid, patience=0))
            self._answer(messages.Reaped)

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
            give(self._user, place, work)
        except OSError as error:
            raise GraderError(f"The submission's private folder could not be made: {faults.reason(error)}") from error
        rules = messages.Rules(
            source=str(source),
            work=str(work),
            confined=isolation is Isolation.STRICT,
            partly=self._is_partly_confined,
            readable=[*libraries.paths, *self._machine.readable],
            listed=libraries.listed,
            memory_bytes=self._machine.memory_bytes,
            file_bytes=limits.MAX_FILE_BYTES,
            cpu_seconds=cpu_seconds,
            devices=gpu_paths() if self._machine.on_cuda else [],
        )
        to_device = equipment.model is not None and self._machine.device != "cpu"
        spawn = messages.Spawn(rules, equipment, to_device, fresh=not self._machine.can_fork)
        self._hear_of_branches()
        forker = self._forker_with(equipment)
        if forker is None:
            raise RuntimeError("A worker can only be forked when its equipment has been prepared.")
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._send(spawn, theirs.fileno(), forker)
            worker = WorkerHandle(self, self._answer(messages.Spawned, forker).pid, ours, place)
        except BaseException:
            ours.close()
            folder.delete(place)
            raise
        self._workers[worker] = forker
        worker.await_confinement()
        return worker

    def reap(self, worker: WorkerHandle, patience: float) -> messages.Reaped | None:
        """Kill a worker that runs on after `patience` seconds, and return how it ended; None if the server is gone."""
        forker = self._workers.pop(worker, self._trunk)
        if self._process.poll() is not None:
            return None
        if forker is self._trunk:
            self._hear_of_branches()
        try:
            self._send(messages.Reap(worker.pid, patience), forker=forker)
            return self._answer(messages.Reaped, forker)
        except GraderError:
            if forker is self._trunk:
                raise
            return None  # the branch has ended, and all of its workers with it

    def close(self) -> None:
        """End the process, its workers and their folders."""
        with contextlib.suppress(GraderError):  # a process that is gone already has no workers to end
            for worker in tuple(self._workers):
                worker.close()
            if self._trunk.ready is not None:  # else it would be waited for
                self._hear_of_branches()
                for branch in tuple(self._branches):
                    self._end_branch(branch)
        for forker in (self._trunk, *self._branches):
            forker.control.close()
        self._process.kill()  # its workers, if any are left, end with it; an interpreter's own end takes longer
        self._process.wait()
        self._complaints.close()
        folder.delete(self._folder)

    def _send(self, message: msgspec.Struct, descriptor: int | None = None, forker: Forker | None = None) -> None:
        forker = forker or self._trunk
        try:
            forker.send(message, descriptor)
        except Unintelligible as error:
            raise self._broken_by(forker) from error

    def _answer(self, kind: type[T], forker: Forker | None = None) -> T:
        forker = forker or self._trunk
        try:
            return forker.answer(kind)
        except TimeoutError as error:
            self._end()
            raise GraderError(f"The fork server did not answer within {self.start_seconds} seconds.") from error
        except Unintelligible as error:
            raise self._broken_by(forker) from error

    def _end(self) -> None:
        """End the process: what it says from now on answers nothing. `revive` starts another one."""
        self._process.kill()
        self._process.wait()

    def broken(self) -> GraderError:
        """End the process, and return the error that says how it ended and what it complained about last."""
        return self._broken_by(self._trunk)

    def _broken_by(self, forker: Forker) -> GraderError:
        """End the process because it, or a branch of it, has ended or makes no sense any more; return why."""
        if self._broken is None:
            self._broken = error_of_end("The fork server", self._status_of(forker), self._complaints)
        return self._broken

    def _status_of(self, forker: Forker) -> int:
        """Return how a process has ended, as `subprocess` writes it; its own end says more than being killed."""
        try:
            if forker is not self._trunk and self._process.poll() is None:
                self._hear_of_branches()
                self._send(messages.Reap(forker.pid, limits.ENDING_SECONDS))
                return os.waitstatus_to_exitcode(self._answer(messages.Reaped).status)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(limits.ENDING_SECONDS)
        finally:
            self._end()
        return self._process.returncode
