"""The fork server: imports what the exercises need once, then forks a confined worker for every one graded.

Started as `python -I -m grader.sandbox.zygote` with a clean environment and one end of a socket pair as its standard
input. It never sees a check, a reference, a rubric or a submission's source, so a worker's memory holds none.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pkgutil
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from grader.sandbox import confine, folder, frames, messages


class ForkServer:
    """Serves one judge over one socket until it hangs up."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._stream = control.makefile("rb", buffering=0)
        self._decoder = msgspec.msgpack.Decoder(messages.ToForkServer)
        self._program: bytes | None = None
        self._abi = 0
        self._children: set[int] = set()
        self._steps: list[messages.Step] = []

    def serve(self) -> None:
        """Answer until the judge hangs up, then leave no worker behind."""
        while (message := self._receive()) is not None:
            if isinstance(message, messages.Preload):
                self._send(self._preload(message))
            elif isinstance(message, messages.Spawn):
                self._send(self._spawn(message))
            else:
                self._send(self._reap(message))
        for pid in tuple(self._children):
            self._reap(messages.Reap(pid, patience=0))

    def _preload(self, preload: messages.Preload) -> messages.Ready | messages.Refused:
        self._abi = confine.landlock_abi()
        self._program = confine.seccomp_program()
        try:
            import torch

            # Before anything is computed: a process that has run a parallel region must not be forked and compute.
            torch.set_num_threads(1)
            _take(preload.steps)

            from grader.sandbox import worker  # noqa: F401 - so that every worker has it
        except Exception as error:
            return messages.Refused(f"The fork server could not get ready: {type(error).__name__}: {error}")
        self._steps += preload.steps
        gc.collect()
        gc.freeze()
        return messages.Ready(self._abi, self._program is not None)

    def _spawn(self, spawn: messages.Spawn) -> messages.Spawned:
        _, descriptors, _, _ = socket.recv_fds(self._control, 1, 1)
        pid = os.fork()
        if pid == 0:
            status = 1
            with contextlib.suppress(BaseException):
                if spawn.fresh:
                    _begin_anew(spawn, self._steps, descriptors[0])
                _work(spawn, descriptors[0], self._abi, self._program)
                status = 0
            os._exit(status)
        os.close(descriptors[0])
        self._children.add(pid)
        return messages.Spawned(pid)

    def _reap(self, reap: messages.Reap) -> messages.Reaped:
        if reap.pid not in self._children:
            return messages.Reaped(-1)
        self._children.discard(reap.pid)
        until = time.monotonic() + reap.patience
        while time.monotonic() < until:
            pid, status = os.waitpid(reap.pid, os.WNOHANG)
            if pid:
                return messages.Reaped(status)
            time.sleep(0.001)
        os.kill(reap.pid, signal.SIGKILL)
        return messages.Reaped(os.waitpid(reap.pid, 0)[1])

    def _receive(self) -> Any:
        head = self._read(frames.HEADER_BYTES)
        body = head and self._read(frames.read_header(head).structure)
        return self._decoder.decode(body) if body else None

    def _read(self, size: int) -> bytes | None:
        data = b""
        while len(data) < size:
            part = self._stream.read(size - len(data))
            if not part:
                return None
            data += part
        return data

    def _send(self, message: msgspec.Struct) -> None:
        self._control.sendall(frames.encode_frame(message, []))


def _take(steps: list[messages.Step]) -> None:
    for step in steps:
        name, arguments = (step, {}) if isinstance(step, str) else step
        found = pkgutil.resolve_name(name)
        if callable(found):
            found(**arguments)


def _work(spawn: messages.Spawn, channel: int, abi: int, program: bytes | None) -> None:
    """Be a worker, from here to the end of the process."""
    from grader.sandbox.worker import Worker

    confine.die_with_parent()
    _silence()
    confine.close_descriptors((0, 1, 2, channel))
    os.chdir(spawn.work)
    os.environ.update(HOME=spawn.work, TMPDIR=spawn.work)
    tempfile.tempdir = spawn.work
    worker = Worker(channel, spawn.source)
    try:
        confine.confine(spawn, abi, program, lambda: _take(spawn.last_steps))
    except Exception as error:
        reason = f"The worker could not be confined or made ready: {type(error).__name__}: {error}"
        os.write(channel, frames.encode_frame(messages.Refused(reason), []))
        return
    os.write(channel, frames.encode_frame(messages.Confined(), []))
    worker.serve()


def _begin_anew(spawn: messages.Spawn, steps: list[messages.Step], channel: int) -> NoReturn:
    """Become a new interpreter that imports everything itself: on a Mac, nothing of Metal works in a fork."""
    os.set_inheritable(channel, True)
    told = msgspec.json.encode(_Anew(spawn, steps, channel)).decode()
    os.execv(sys.executable, [sys.executable, "-I", "-m", "grader.sandbox.zygote", told])


class _Anew(msgspec.Struct, frozen=True):
    """What a new interpreter must know to be a worker."""

    spawn: messages.Spawn
    steps: list[messages.Step]
    channel: int

    def work(self) -> None:
        import torch

        torch.set_num_threads(1)
        _take(self.steps)
        _work(self.spawn, self.channel, confine.landlock_abi(), confine.seccomp_program())


def _silence() -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)


def main() -> None:
    """Serve the judge at the other end of standard input, or be the one worker that the command line describes."""
    if len(sys.argv) > 1:
        msgspec.json.decode(sys.argv[1], type=_Anew).work()
        return
    control = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    sys.dont_write_bytecode = True
    ForkServer(control).serve()
    folder.delete(Path.cwd())  # here and not in the judge, which may have been killed


if __name__ == "__main__":
    main()
