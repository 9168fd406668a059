"""The fork server: imports what the exercises need once, then forks a confined worker for every one graded.

Started as `python -I -m grader.sandbox.inside.zygote` with a clean environment and one end of a socket pair as its
standard input. It never sees a check, a reference, a rubric or a submission's source, so a worker's memory holds none.
"""

from __future__ import annotations

import errno
import gc
import os
import signal
import socket
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import msgspec

from grader import garbage
from grader.sandbox import folder, limits
from grader.sandbox.inside import confinement, landlock, seccomp
from grader.sandbox.wire import frames, messages

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.sandbox.inside.worker import Worker
    from grader.sandbox.workbench import Workbench


class ForkServer:
    """Serves one judge over one socket until it hangs up."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._stream = control.makefile("rb", buffering=0)
        self._decoder = msgspec.msgpack.Decoder(messages.ToForkServer)
        self._program: bytes | None = None
        self._abi = 0
        self._children: set[int] = set()

    def serve(self) -> None:
        """Answer until the judge hangs up, then leave no worker behind."""
        while (frame := frames.read_frame(self._stream.read)) is not None:
            self._send(self._answer(frame.structure))
        for pid in tuple(self._children):
            self._reap(messages.Reap(pid, patience=0))

    def _answer(self, body: memoryview) -> msgspec.Struct:
        try:
            message = self._decoder.decode(body)
            match message:
                case messages.Equip():
                    return self._equip(message)
                case messages.Branch():
                    return self._branch()
                case messages.Spawn():
                    return self._spawn(message)
            return self._reap(message)
        except Exception as error:
            return _fault(error)

    def _equip(self, equip: messages.Equip) -> messages.Ready:
        self._abi = landlock.supported_abi()
        self._program = seccomp.compile_filter()
        with garbage.left_alone():
            import torch

            # Before anything is computed: a process that has run a parallel region must not be forked and compute.
            torch.set_num_threads(1)
            _set_up(equip.equipment)

            from grader.sandbox.inside import worker  # noqa: F401 - so that every worker has it

        gc.collect()
        gc.freeze()
        return messages.Ready(self._abi, self._program is not None)

    def _branch(self) -> messages.Branched:
        return messages.Branched(self._fork(self._be_a_branch))

    def _be_a_branch(self, control: int) -> NoReturn:
        """Serve the judge over another socket to the end of this process."""
        status = 1
        try:
            confinement.die_with_parent()
            self._stream.close()
            self._control.close()
            ForkServer(socket.socket(fileno=control)).serve()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)

    def _spawn(self, spawn: messages.Spawn) -> messages.Spawned:
        return messages.Spawned(self._fork(lambda channel: _live(channel, lambda: self._prepared(spawn, channel))))

    def _fork(self, live: Callable[[int], NoReturn]) -> int:
        """Fork a process that lives with the descriptor that comes now, and return its id."""
        _, descriptors, _, _ = socket.recv_fds(self._control, 1, 1)
        if not descriptors:  # how the kernel says that there was no room for it
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        (channel,) = descriptors
        try:
            pid = os.fork()
            if pid == 0:
                live(channel)
        finally:
            os.close(channel)
        self._children.add(pid)
        return pid

    def _prepared(self, spawn: messages.Spawn, channel: int) -> Worker:
        if spawn.fresh:
            _begin_anew(spawn, channel)
        return _prepared(spawn, channel, self._abi, self._program)

    def _reap(self, reap: messages.Reap) -> messages.Reaped:
        self._children.discard(reap.pid)
        until = time.monotonic() + reap.patience
        while time.monotonic() < until:
            pid, status = os.waitpid(reap.pid, os.WNOHANG)
            if pid:
                return messages.Reaped(status, killed=False)
            time.sleep(limits.REAP_TICK_SECONDS)
        os.kill(reap.pid, signal.SIGKILL)
        return messages.Reaped(os.waitpid(reap.pid, 0)[1], killed=True)

    def _send(self, message: msgspec.Struct) -> None:
        self._control.sendall(frames.encode_frame(message, []))


def _set_up(equipment: messages.Equipment) -> Workbench:
    from grader.sandbox import workbench

    found = workbench.opened(equipment.workbench)
    for name in equipment.without:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # whoever tries to import it finds that it is not there
    if equipment.model is not None and found.load_model is not None:
        try:
            found.load_model(**equipment.model)
        except ImportError as error:
            if (needed := (error.name or "").partition(".")[0]) in equipment.without:
                said = (
                    f"the model cannot be loaded without `{needed}`, which a rubric forbids: forbid only a part of it"
                )
                raise ImportError(said, name=needed) from error
            raise
    return found


def _live(channel: int, prepare: Callable[[], Worker]) -> NoReturn:
    """Be a worker to the end of this process; what breaks before it says `Began` is told the judge as the grader's."""
    status = 1
    try:
        try:
            worker = prepare()
            begun = worker.begin()
        except BaseException as error:
            os.write(channel, frames.encode_frame(_fault(error), []))
        else:
            if begun:
                worker.serve()
            status = 0
    finally:
        os._exit(status)


def _prepared(spawn: messages.Spawn, channel: int, abi: int, program: bytes | None) -> Worker:
    """Make this process a confined worker."""
    from grader.sandbox import workbench
    from grader.sandbox.inside.worker import Worker

    confinement.die_with_parent()
    _silence()
    confinement.close_descriptors((0, 1, 2, channel))
    work = spawn.rules.work
    os.chdir(work)
    os.environ.update(HOME=work, TMPDIR=work)
    tempfile.tempdir = work
    bench = workbench.opened(spawn.equipment.workbench)
    worker = Worker(channel, spawn.rules.source, bench)
    confinement.confine(spawn.rules, abi, program, bench.to_device if spawn.to_device else None)
    os.write(channel, frames.encode_frame(messages.Confined(), []))
    return worker


def _fault(error: BaseException) -> messages.Fault:
    number = error.errno if isinstance(error, OSError) else None
    lines = "".join(traceback.format_exception(error))
    return messages.Fault(
        type(error).__name__,
        _encodable(str(error))[: limits.MAX_MESSAGE],
        _encodable(lines)[-limits.MAX_FAULT :],
        number or 0,
    )


def _encodable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _begin_anew(spawn: messages.Spawn, channel: int) -> NoReturn:
    """Become a new interpreter that imports everything itself: on a Mac, nothing of Metal works in a fork."""
    os.set_inheritable(channel, True)
    told = msgspec.json.encode(_Anew(spawn, channel)).decode()
    os.execv(sys.executable, [sys.executable, "-I", "-m", "grader.sandbox.inside.zygote", told])


class _Anew(msgspec.Struct, frozen=True):
    """What a new interpreter must know to be a worker."""

    spawn: messages.Spawn
    channel: int

    def prepared(self) -> Worker:
        import torch

        torch.set_num_threads(1)
        _set_up(self.spawn.equipment)
        return _prepared(self.spawn, self.channel, landlock.supported_abi(), seccomp.compile_filter())


def _silence() -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)


def main() -> None:
    """Serve the judge at the other end of standard input, or be the one worker that the command line describes."""
    if len(sys.argv) > 1:
        anew = msgspec.json.decode(sys.argv[1], type=_Anew)
        _live(anew.channel, anew.prepared)
    control = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    sys.dont_write_bytecode = True
    if os.environ.pop(
        confinement.APART, ""
    ):  # where there is no Landlock, nothing else would keep a worker out of here
        confinement.hide_memory()
    ForkServer(control).serve()
    folder.delete(Path.cwd())  # here and not in the judge, which may have been killed


if __name__ == "__main__":
    main()
