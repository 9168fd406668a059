"""Starts a Dask scheduler and workers on the loopback interface, each a process that tests know by its id."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from distributed import Client

from helpers.patience import ENDLESS, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SURROUNDINGS = {**os.environ, "DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "critical"}


class DaskCluster:
    """A scheduler with its workers; everything ends with the block of `dask_cluster`."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack = stack
        self._folder = folder
        file = folder / "scheduler.json"
        options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--dashboard-address", "127.0.0.1:0"]
        self.scheduler = self._start("scheduler", *options, "--scheduler-file", str(file), cwd=folder)
        self._client = stack.enter_context(Client(scheduler_file=str(file), timeout=ENDLESS, set_as_default=False))
        self.address = self._client.scheduler.address
        self.workers: list[subprocess.Popen[bytes]] = []

    def add_worker(self, course: Path, *options: str) -> str:
        """Start a worker in a course, wait until the scheduler knows it, and return its address."""
        before = set(self._client.nthreads())
        arguments = ["--no-nanny", "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1", *options]
        self.workers.append(self._start("worker", self.address, *arguments, cwd=course))
        self._client.wait_for_workers(len(before) + 1, timeout=ENDLESS)
        (address,) = set(self._client.nthreads()) - before
        return address

    def end_worker(self) -> None:
        """Kill the last worker, and wait until the scheduler knows."""
        self.workers[-1].kill()
        wait_until(lambda: len(self._client.nthreads()) < len(self.workers), "the scheduler still knows the worker")

    def _start(self, *arguments: str, cwd: Path) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-m", "dask", *arguments], cwd=cwd, env=SURROUNDINGS)
        self._stack.callback(_end, process)
        return process


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    process.wait(ENDLESS)


@contextmanager
def dask_cluster(folder: Path) -> Iterator[DaskCluster]:
    """Yield a cluster without workers."""
    with ExitStack() as stack:
        yield DaskCluster(stack, folder)
