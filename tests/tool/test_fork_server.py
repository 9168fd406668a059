"""The fork server: what breaks in it is the grader's error, and nothing outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from grader.errors import GraderError
from grader.sandbox.outside.server import ForkServer, Isolation
from helpers.equipment import bench_of
from helpers.patience import wait_until


def test_a_workbench_that_cannot_be_run_is_the_graders_error(server: ForkServer) -> None:
    with pytest.raises(GraderError, match="no_such_module"):
        server.prepare(bench_of("import no_such_module"))


def test_no_worker_and_no_folder_outlives_the_server() -> None:
    own = ForkServer(Isolation.AUTO)
    worker = own.spawn({"work.py": "def answer(): pass"}, 10)
    folder, pid = own._folder, worker.pid
    own.close()
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_killed_fork_server_is_the_graders_error_and_leaves_no_worker() -> None:
    with ForkServer(Isolation.AUTO) as server:
        worker = server.spawn({"work.py": "def answer(): pass"}, 10)
        os.kill(server._process.pid, signal.SIGKILL)
        server._process.wait()
        with pytest.raises(GraderError, match="ended unexpectedly"):
            server.spawn({"work.py": ""}, 10)
        wait_until(lambda: _is_gone(worker.pid), "the worker outlived its fork server")


def test_a_killed_judge_leaves_nothing_behind() -> None:
    script = """
import os, sys
from grader.sandbox import limits
from grader.sandbox.outside.server import ForkServer, Isolation
server = ForkServer(Isolation.AUTO)
worker = server.spawn({"work.py": ""}, 10)
print(server._process.pid, worker.pid, server._folder, flush=True)
os.kill(os.getpid(), 9)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    *pids, folder = done.stdout.split()
    assert len(pids) == 2, done.stderr
    wait_until(
        lambda: all(_is_gone(int(pid)) for pid in pids) and not Path(folder).exists(),
        "a process or a folder outlived the judge",
    )


def _is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True
