"""Jobs end when they are to, whatever they are doing at the time."""

from __future__ import annotations

import multiprocessing
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.jobs import Job, Settings, end_jobs, run_jobs
from helpers.course_factory import make_course
from helpers.patience import ENDLESS, wait_until
from helpers.stuck import stuck

if TYPE_CHECKING:
    from grader.sandbox.outside.server import Isolation


@pytest.fixture
def settings(tmp_path: Path, isolation: Isolation) -> Settings:
    return Settings(make_course(tmp_path / "course"), (), isolation)


def test_a_job_that_does_not_hear_that_it_is_to_end_is_killed(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.jobs.END_SECONDS", 0.2)
    sign = tmp_path / "sign"

    def tasks() -> Any:
        yield sign
        wait_until(sign.exists, "the job never began")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), closing(run_jobs(settings, stuck, tasks(), 2)) as done:
        next(done)
    wait_until(lambda: not multiprocessing.active_children(), "a job is left")  # another thread may see to its end


def test_a_job_that_another_thread_is_just_starting_is_not_waited_for(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    starting, ending = threading.Event(), threading.Event()
    start, shutdown = SpawnProcess.start, ProcessPoolExecutor.shutdown

    def start_late(process: SpawnProcess) -> None:
        starting.set()
        assert ending.wait(ENDLESS)
        start(process)

    def shutdown_meanwhile(executor: ProcessPoolExecutor, *arguments: Any, **keywords: Any) -> None:
        ending.set()
        shutdown(executor, *arguments, **keywords)

    monkeypatch.setattr(SpawnProcess, "start", start_late)
    monkeypatch.setattr(ProcessPoolExecutor, "shutdown", shutdown_meanwhile)
    job, futures = Job(settings), []
    beginner = threading.Thread(target=lambda: futures.append(job.submit(stuck, tmp_path / "sign")), daemon=True)
    beginner.start()
    assert starting.wait(ENDLESS)
    end_jobs([job])
    beginner.join(ENDLESS)
    assert isinstance(futures[0].exception(ENDLESS), BrokenProcessPool)
    wait_until(lambda: not multiprocessing.active_children(), "a job is left")  # another thread may see to its end
