"""Runs a whole notebook from top to bottom, in a confined kernel, and says why it does not get to its end.

What cells show is thrown away: this tells whether a notebook runs, not whether its functions are right. Magics and
shell lines are left out, as they are when a notebook is graded.
"""

from __future__ import annotations

import asyncio
import importlib.util
import re
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import zmq
import zmq.asyncio
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat.v4 import new_code_cell, new_notebook

from grader import faults
from grader.distribution import requirement
from grader.errors import GraderError, UsageError
from grader.notebook.kernel import CONFINED, UNCONFINED
from grader.sandbox import folder, limits
from grader.sandbox.inside import landlock, seccomp
from grader.sandbox.inside.confinement import MEMORY
from grader.sandbox.outside.environment import scrubbed
from grader.sandbox.outside.server import Isolation
from grader.sandbox.wire.frames import without_controls
from grader.submission.disk import content as read_bytes
from grader.submission.limits import MAX_NOTEBOOK_BYTES
from grader.submission.notebook.cells import NotANotebookError, code_cells
from grader.submission.notebook.magics import without_magics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.submission.model import Submission

_LINE = re.compile(r"Cell In\s?\[\d+\], line (\d+)|ipykernel_\d+/\d+\.py\", line (\d+)")  # IPython 8 and later, or 7
_FRAME_OF_7, _ARROW_OF_7 = re.compile(r"ipykernel_\d+/\d+\.py in "), re.compile(r"^-+> (\d+)", re.MULTILINE)
_NAMELESS_FILE = re.compile(r" \(\d+\.py, line \d+\)$")  # what kernels call a cell
_COLOUR = re.compile(r"\x1b\[[\d;]*m")


class _TooMuchError(Exception):
    """The cells show more than a person could read."""


class _Manager(AsyncKernelManager):
    """Starts our own kernel."""

    def __init__(self, place: Path, context: zmq.asyncio.Context, *, confined: bool) -> None:
        super().__init__(transport="ipc", connection_file=str(place / "kernel.json"), context=context)
        level = CONFINED if confined else UNCONFINED
        argv = [sys.executable, "-I", "-m", "grader.notebook.kernel", level, "-f", "{connection_file}"]
        self._own_spec = KernelSpec(argv=argv, display_name="grader", language="python")

    @property
    def kernel_spec(self) -> KernelSpec:
        return self._own_spec

    def client(self, **keywords: Any) -> Any:
        return super().client(context=self.context, **keywords)


class _Client(NotebookClient):
    """Counts what the cells show without keeping it, and remembers which cell is running."""

    shown_bytes = 0
    running = 0

    async def run_cells(self, **settings: Any) -> None:
        """Run all cells in a kernel of their own; unlike `async_execute`, leave the process's signals alone."""
        self.reset_execution_trackers()
        try:
            try:
                await self.async_start_new_kernel(**settings)
                await self.async_start_new_kernel_client()
            except Exception as error:  # nothing of the notebook has run yet
                raise GraderError(
                    f"The kernel for the notebook could not be started: {faults.reason(error)}"
                ) from error
            for self.running, cell in enumerate(self.nb.cells):  # noqa: B020 - so that others see how far it is
                await self.async_execute_cell(cell, self.running)
        finally:
            if self.kc is not None:
                self.kc.stop_channels()

    def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
        self.shown_bytes += len(repr(msg["content"])) + sum(len(memoryview(part)) for part in msg["buffers"])
        if self.shown_bytes > limits.MAX_OUTPUT_BYTES:
            raise _TooMuchError
        # All else is for whoever looks on, such as the state of widgets; whether a cell failed is in its reply.
        return super().process_message(msg, cell, cell_index) if msg["msg_type"] == "status" else None


def refused_unless_it_runs(submission: Submission, path: Path, isolation: Isolation) -> Submission:
    """Return the submission that was read from a notebook, with a problem if the notebook does not run to its end.

    Raises:
        UsageError: strict isolation was asked for but is not available, or there is no kernel to run it in.
        GraderError: the kernel could not be started.
    """
    content, obstacle = read_bytes(path, MAX_NOTEBOOK_BYTES)
    why = obstacle or why_it_does_not_run(submission.name, content, isolation)
    return submission.refused(why) if why else submission


def why_it_does_not_run(name: str, content: bytes, isolation: Isolation) -> str:
    """Run a notebook and return a sentence on what stopped it, "" if it came to its end.

    Raises:
        UsageError: strict isolation was asked for but is not available, or there is no kernel to run it in.
        GraderError: the kernel could not be started.
    """
    if importlib.util.find_spec("ipykernel") is None:
        raise UsageError(f"--execute needs a Jupyter kernel: install one with `pip install {requirement('notebook')}`.")
    confined = isolation is not Isolation.OFF
    landlocked = landlock.supported_abi() >= landlock.STRICT_LANDLOCK_ABI
    if confined and not (landlocked and seccomp.compile_filter(sockets=True) and MEMORY.exists()):
        if isolation is Isolation.STRICT:
            raise UsageError("A notebook cannot be run under strict isolation here: leave out --execute.")
        confined = False
    try:
        cells = code_cells(name, content)
    except NotANotebookError as error:
        return str(error)
    place = Path(tempfile.mkdtemp(prefix="grade-"))
    try:
        with tempfile.TemporaryFile() as complaints:
            return asyncio.run(_run(name, cells, place, complaints, confined=confined))
    finally:
        folder.delete(place)


async def _run(
    name: str, cells: Sequence[tuple[str, str]], place: Path, complaints: IO[bytes], *, confined: bool
) -> str:
    notebook = new_notebook(cells=[new_code_cell(without_magics(text)) for _, text in cells])
    context = zmq.asyncio.Context()
    context.setsockopt(zmq.MAXMSGSIZE, limits.MAX_OUTPUT_BYTES)
    manager = _Manager(place, context, confined=confined)
    client = _Client(notebook, km=manager, timeout=limits.CELL_SECONDS, startup_timeout=limits.NOTEBOOK_START_SECONDS)
    environment = scrubbed(HOME=str(place), IPYTHONDIR=str(place), TMPDIR=str(place))
    # What the process itself writes, past IPython, is for the one case in which nothing of the notebook has run.
    running = asyncio.ensure_future(client.run_cells(cwd=str(place), env=environment, stderr=complaints))
    until = time.monotonic() + limits.NOTEBOOK_SECONDS
    resident = _resident_bytes()
    why, line = "", ""
    try:
        while not running.done() and not why:
            await asyncio.wait({running}, timeout=limits.NOTEBOOK_TICK_SECONDS)
            if time.monotonic() > until:
                why = f"ran for more than {limits.NOTEBOOK_SECONDS} seconds with the cells before it."
            elif folder.over_quota(place):
                why = f"wrote more than {limits.MAX_FOLDER_BYTES // 2**20} MiB, or {limits.MAX_FOLDER_FILES} files."
            elif _resident_bytes() - resident > limits.MAX_UNREAD_BYTES:
                raise _TooMuchError
        if not why:
            await running
    except GraderError as error:
        complaints.seek(0)
        if said := complaints.read().decode("utf-8", "replace").strip():
            error.add_note(f"In the kernel:\n{said}")
        raise
    except Exception as error:
        if isinstance(error, OSError) and faults.is_of_the_machine(error):
            raise
        why = _why(error)
        line = _line(error)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        if manager.has_kernel:
            await manager.shutdown_kernel(now=True)
        context.destroy(linger=0)
    if not why:
        return ""
    label = cells[client.running][0] if cells else "no cell"
    return f"{name} does not run from top to bottom: {label}{line} {why}"


def _resident_bytes() -> int:
    """Return the memory of this process, with the messages that have come and that nobody has read; 0 if unknown."""
    return int(MEMORY.read_text(encoding="ascii").split()[1]) * resource.getpagesize() if MEMORY.exists() else 0


def _line(error: Exception) -> str:
    if not isinstance(error, CellExecutionError):
        return ""
    said = _COLOUR.sub("", error.traceback)
    found = _LINE.search(said)
    if found is None and (frame := _FRAME_OF_7.search(said)):
        found = _ARROW_OF_7.search(said, frame.end())
    return f", line {found[found.lastindex or 0]}" if found else ""


def _why(error: Exception) -> str:
    """Return how the sentence about a cell goes on."""
    if isinstance(error, CellExecutionError):
        return _raised(
            without_controls(str(error.ename))[: limits.MAX_CELL_ERROR_NAME],
            without_controls(str(error.evalue))[: limits.MAX_CELL_ERROR_MESSAGE],
        )
    if isinstance(error, CellTimeoutError):
        return f"was stopped after {limits.CELL_SECONDS} seconds: does it contain an endless loop?"
    if isinstance(error, DeadKernelError):
        return (
            "did not finish: the process that ran the notebook ended unexpectedly (`exit`, a crash, or more memory or "
            "time than it may have?)."
        )
    if isinstance(error, _TooMuchError):
        return f"shows more than {limits.MAX_OUTPUT_BYTES // 2**20} MB with the cells before it: print less."
    return f"could not be run: {type(error).__name__}."


def _raised(kind: str, message: str) -> str:
    if kind == "ModuleNotFoundError":
        return f"imports something that is not installed: {message}."
    if kind == "StdinNotImplementedError":
        return "asks for input, but nobody can answer: write the value into the cell."
    return f"raised {kind}: {_NAMELESS_FILE.sub('', message)}".removesuffix(": ")
