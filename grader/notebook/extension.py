"""The part that lives in the student's kernel: `%%exercise NAME` and `grader.check("NAME")`.

A kernel is the student's own process, so nothing is judged in it. What its cells have defined goes to a judge process
over a pipe, and a drawing of the verdict comes back. The judge is started with the extension and stays warm as long as
the kernel lives; it reads code and runs it in confined workers, like `grade --submission` does.

Of the kernel's variables none are changed, except that the cell under `%%exercise` runs first, as any other cell would:
its functions are there afterwards. A cell that raises is not checked.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from typing import IO, Any, cast

from grader import faults
from grader.errors import UsageError

_NO_NOTEBOOK = "grader.check works only in a notebook. Elsewhere, use the command `grade`."
_COLOURS = {"CLICOLOR_FORCE", "FORCE_COLOR", "TTY_COMPATIBLE"}
_ENDED = "The judge ended unexpectedly. This says nothing about your work: run the cell again."


class JudgeProcess:
    """Asks a judge in a process of its own, and starts another one when it has ended."""

    def __init__(self) -> None:
        """Start the process and return at once: it warms up while the student writes."""
        self._folder = os.getcwd()  # noqa: PTH109 - where the notebook lies, wherever its cells may go
        self._asked = 0
        self._start()

    def ask(self, exercise: str, cells: list[str]) -> dict[str, str]:
        """Return the verdict on an exercise as MIME types and texts."""
        self._asked += 1
        question = json.dumps({"id": self._asked, "exercise": exercise, "cells": cells}).encode() + b"\n"
        for _ in range(2):  # the process may have been ended meanwhile
            if self._debugging != faults.debugging():
                self.close()
            if self._process.poll() is not None:
                try:
                    self._start()
                except OSError as error:
                    return {"text/plain": faults.sentence(error)}
            with contextlib.suppress(OSError):
                self._to.write(question)
                self._to.flush()
                while line := self._from.readline():
                    answer = json.loads(line)
                    if answer["id"] == self._asked:  # an interrupted question gets no answer
                        return dict(answer["shown"])
            self.close()
        return {"text/plain": faults.with_hint(_ENDED)}

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


class Extension:
    """`%%exercise` in one kernel."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._judge = JudgeProcess()

    def exercise(self, line: str, cell: str) -> None:
        """Run a cell and check the exercise that it solves.

        Usage: `%%exercise NAME` on the first line, and below it your solution.
        """
        # With a first line, so that line numbers stay those of the cell; the history has the whole cell already.
        if self._shell.run_cell(f"# %%exercise {line}\n{cell}", store_history=False).success:
            self.check(line.strip())

    def check(self, name: str) -> None:
        """Show the verdict on an exercise, from everything that cells have defined so far."""
        from IPython.display import display

        display(self._judge.ask(name, list(self._shell.history_manager.input_hist_raw)), raw=True)

    def close(self) -> None:
        """End the judge."""
        self._judge.close()


_extensions: dict[int, Extension] = {}


def load(shell: Any) -> Extension:
    """Register `%%exercise` in a shell, once."""
    import atexit

    if id(shell) not in _extensions:
        extension = _extensions[id(shell)] = Extension(shell)
        shell.register_magic_function(extension.exercise, "cell", "exercise")
        atexit.register(extension.close)
    return _extensions[id(shell)]


def check_in_notebook(name: str) -> None:
    """Check an exercise in the notebook that this runs in; raise `UsageError` outside of a notebook."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is None:
        raise UsageError(_NO_NOTEBOOK)
    load(shell).check(name)
