"""Measures what a command and everything that it starts have in memory together."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

TICK_SECONDS = 0.05


class Measured(NamedTuple):
    """How a command ended, and the largest sum of the proportional set sizes of all its processes, in MiB."""

    done: subprocess.CompletedProcess[str]
    peak_mib: float


def run_measured(command: Sequence[str | Path], **options: Any) -> Measured:
    """Run a command to its end and watch its descendants; keywords are those of `subprocess.Popen`."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options) as process:
        peak, ended = 0, threading.Event()

        def watch() -> None:
            nonlocal peak
            while not ended.wait(TICK_SECONDS):
                peak = max(peak, sum(map(_pss_kib, _descendants(process.pid))))

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            out, err = process.communicate()
        finally:
            ended.set()
            watcher.join()
    return Measured(subprocess.CompletedProcess(command, process.returncode, out, err), peak / 1024)


def _descendants(pid: int) -> list[int]:
    found, pending = [], [pid]
    while pending:
        found.append(pending.pop())
        for children in Path(f"/proc/{found[-1]}/task").glob("*/children"):
            try:
                pending += map(int, children.read_text().split())
            except OSError:
                continue
    return found


def _pss_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
