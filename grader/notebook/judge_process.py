"""Asks a judge in a process of its own, over a pipe, and starts another one when it has ended."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from typing import IO, TYPE_CHECKING, Any, cast

from grader import faults

if TYPE_CHECKING:
    from collections.abc import Callable

_COLOURS = {"CLICOLOR_FORCE", "FORCE_COLOR", "TTY_COMPATIBLE"}
_ENDED = "The judge ended unexpectedly. This says nothing about your work: run the cell again."


class JudgeProcess:
    """A judge for one kernel; it warms up while the student writes."""

    def __init__(self) -> None:
        """Start the process and return at once."""
        self._folder = os.getcwd()  # noqa: PTH109 - where the notebook lies, wherever its cells may go
        self._asked = 0
        self._start()

    def ask(self, question: dict[str, Any], heard: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
        """Return a judge's answer: what is `shown` as MIME types and texts, and perhaps more.

        `heard` is told how far the judge is.
        """
        self._asked += 1
        line = json.dumps({"id": self._asked, **question}).encode() + b"\n"
        for _ in range(2):  # the process may have been ended meanwhile
            if self._debugging != faults.debugging():
                self.close()
            if self._process.poll() is not None:
                try:
                    self._start()
                except OSError as error:
                    return {"shown": {"text/plain": faults.sentence(error)}}
            with contextlib.suppress(OSError):
                self._to.write(line)
                self._to.flush()
                while read := self._from.readline():
                    answer = json.loads(read)
                    if answer["id"] != self._asked:  # an interrupted question gets no answer
                        continue
                    if "doing" in answer:
                        heard(answer["doing"])
                    else:
                        return dict(answer)
            self.close()
        return {"shown": {"text/plain": faults.with_hint(_ENDED)}}

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._to, self._from):
            with contextlib.suppress(OSError):
                pipe.close()

    def _start(self) -> None:
        command = [sys.executable, "-I", "-m", "grader.notebook.judge"]
        # A kernel asks of its children that they draw for a terminal.
        environment = {name: value for name, value in os.environ.items() if name not in _COLOURS}
        self._debugging = faults.debugging()
        pipe, errors = subprocess.PIPE, None if self._debugging else subprocess.DEVNULL
        # In a session of its own: to interrupt a cell is not to end the judge.
        self._process = subprocess.Popen(
            command,
            stdin=pipe,
            stdout=pipe,
            stderr=errors,
            cwd=self._folder,
            env=environment,
            start_new_session=True,
        )
        self._to, self._from = cast("IO[bytes]", self._process.stdin), cast("IO[bytes]", self._process.stdout)
