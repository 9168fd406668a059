"""Starts a Dask scheduler and workers on the loopback interface, each a process that tests know by its id."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from distributed import Client, Security

from helpers.patience import ENDLESS, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Certificates:
    """A certificate and its key, just made, for the scheduler, the workers and the client alike."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        made = Security.temporary()
        certificate, key = folder / "certificate.pem", folder / "key.pem"
        certificate.write_text(made.tls_ca_file)
        key.write_text(made.tls_client_key)
        self.surroundings = {
            "DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "True",
            "DASK_DISTRIBUTED__COMM__TLS__CA_FILE": str(certificate),
        }
        for role in ("SCHEDULER", "WORKER", "CLIENT"):
            self.surroundings[f"DASK_DISTRIBUTED__COMM__TLS__{role}__CERT"] = str(certificate)
            self.surroundings[f"DASK_DISTRIBUTED__COMM__TLS__{role}__KEY"] = str(key)
        self.security = Security(
            tls_ca_file=str(certificate), tls_client_cert=str(certificate), tls_client_key=str(key),
            require_encryption=True,
        )  # fmt: skip


class DaskCluster:
    """A scheduler with its workers; everything ends with the block of `dask_cluster`."""

    def __init__(self, stack: ExitStack, folder: Path, certificates: Certificates | None) -> None:
        self._stack = stack
        self.folder = folder
        quiet = {"DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "critical"}
        self.surroundings = {**os.environ, **quiet, **(certificates.surroundings if certificates else {})}
        file = folder / "scheduler.json"
        options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--dashboard-address", "127.0.0.1:0"]
        options += ["--protocol", "tls"] if certificates else []
        self.scheduler = self._start("scheduler", *options, "--scheduler-file", str(file), cwd=folder)
        security = certificates.security if certificates else None
        self._client = stack.enter_context(
            Client(scheduler_file=str(file), timeout=ENDLESS, set_as_default=False, security=security)
        )
        self.address = self._client.scheduler.address
        self.workers: list[subprocess.Popen[bytes]] = []

    def add_worker(self, course: Path, *options: str, **surroundings: str) -> str:
        """Start a worker in a course, wait until the scheduler knows it, and return its address."""
        before = set(self._client.nthreads())
        arguments = ["--no-nanny", "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1", *options]
        self.workers.append(self._start("worker", self.address, *arguments, cwd=course, **surroundings))
        self._client.wait_for_workers(len(before) + 1, timeout=ENDLESS)
        (address,) = set(self._client.nthreads()) - before
        return address

    def certificates(self, authority: str, certificate: str | None, key: str | None) -> dict[str, str]:
        """Return Dask's settings for a client with certificates that lie in folders beside each other."""
        files = {"ca-file": f"{authority}/certificate.pem"}
        if certificate:
            files |= {"client.cert": f"{certificate}/certificate.pem", "client.key": f"{key}/key.pem"}
        return {f"distributed.comm.tls.{name}": str(self.folder / file) for name, file in files.items()}

    def end_workers(self) -> None:
        """Kill all workers, and wait until the scheduler knows."""
        for worker in self.workers:
            worker.kill()
        wait_until(lambda: not self._client.nthreads(), "the scheduler still knows a worker")

    def _start(self, *arguments: str, cwd: Path, **surroundings: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", *arguments]
        process = subprocess.Popen(command, cwd=cwd, env={**self.surroundings, **surroundings})
        self._stack.callback(_end, process)
        return process


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    process.wait(ENDLESS)


@contextmanager
def dask_cluster(folder: Path, certificates: Certificates | None = None) -> Iterator[DaskCluster]:
    """Yield a cluster without workers, which talks by TLS if it has certificates."""
    with ExitStack() as stack:
        yield DaskCluster(stack, folder, certificates)
