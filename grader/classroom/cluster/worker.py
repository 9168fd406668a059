"""What runs in a Dask worker: it compares itself with the machine that asks, and has one job work off its tasks.

The worker process itself never grades. Its job is a process as on a single machine, with a grader and a fork server
that are kept between tasks: nothing of Dask (its threads, its warnings, its limits of memory) is around a verdict.
"""

from __future__ import annotations

import multiprocessing
import threading
from concurrent.futures import wait
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from distributed import get_worker

from grader.classroom.cluster.likeness import difference, likeness
from grader.course.finding import find_course
from grader.course.outline import current_folder
from grader.errors import UsageError
from grader.jobs import TRIES, Done, Job, Settings, end_jobs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from distributed import Worker

    from grader.grading import Grader

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Run:
    """One run of `grade batch`: a name that no other run has, what it grades by, and what has to be as it is there.

    On other machines, the course is the one that the worker was started in; `root` is where it is on this one.
    """

    name: str
    settings: Settings
    likeness: Mapping[str, str]
    root: Path | None = None


class Refused(NamedTuple):
    """Why the worker with an address does not work for a run."""

    worker: str
    why: str


class _Held:
    """The job that a worker has at the moment, and the run that it is for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # tasks come in one thread, the end of a run in another
        self._ended: set[str] = set()
        self._run = ""
        self._job: Job | None = None

    def job_of(self, run: Run, worker: Worker) -> Job:
        """Return the job for a run, which is made for its first task; raise `UsageError` if it cannot be had."""
        with self._lock:
            if run.name in self._ended:
                raise RuntimeError("This run has ended.")
            if self._job is None or self._run != run.name:
                self._close()
                settings = replace(run.settings, root=_same_course(run, worker))
                self._run, self._job = run.name, Job(settings)
            return self._job

    def end(self, name: str) -> None:
        """End the job of a run, even in the middle of a task."""
        with self._lock:
            self._ended.add(name)
            if self._run == name:
                self._close()

    def _close(self) -> None:
        if self._job is not None:
            end_jobs([self._job])
        self._job = None


_held = _Held()


def refusal(run: Run, dask_worker: Worker) -> Refused | None:
    """Return why a worker cannot work for a run, None if it can; Dask passes the worker by that name."""
    try:
        _same_course(run, dask_worker)
    except UsageError as error:
        return Refused(dask_worker.address, str(error))
    return None


def work_off(run: Run, work: Callable[[Grader, T], R], task: T) -> Done[None, R] | Refused:
    """Work off a task as `run_jobs` does, with as many tries; who asked knows which it is, so it is not sent back."""
    worker = get_worker()
    try:
        for _ in range(TRIES):
            job = _held.job_of(run, worker)
            future = job.submit(work, task)
            wait([future])
            outcome: Done[T, R] = job.outcome(task, future)
            if not outcome.broken:
                break
    except UsageError as error:
        return Refused(worker.address, str(error))
    return Done(None, *outcome[1:])


def end_run(name: str) -> None:
    """End what a worker has for a run: its grader, and the task that it may be at."""
    _held.end(name)


def _same_course(run: Run, worker: Worker) -> Path:
    """Return the course to grade by; raise `UsageError` if something differs from what the run was begun with."""
    if worker.state.nthreads != 1:
        raise UsageError(f"It has {worker.state.nthreads} threads and should have one: start it with --nthreads 1.")
    if multiprocessing.current_process().daemon:
        raise UsageError(
            "It may not start a process for its grader: set DASK_DISTRIBUTED__WORKER__DAEMON=False in its environment."
        )
    course = find_course(run.root or current_folder())
    if differs := difference(run.likeness, likeness(course, run.settings.exercises)):
        raise UsageError(differs)
    return course.root
