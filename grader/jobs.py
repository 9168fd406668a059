"""Jobs: processes that work off tasks, each with a grader and a fork server of its own.

They belong to the judge and are as trusted as the process that started them. Submissions run in workers of their fork
servers.
"""

from __future__ import annotations

import atexit
import dataclasses
import errno
import functools
import multiprocessing
import os
import signal
import threading
import time
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass
from multiprocessing import connection
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

from grader import faults
from grader.course.finding import find_course
from grader.course.seeds import REPEATABLE, Seeds
from grader.diffusion.machine import bench
from grader.errors import GraderError, UsageError
from grader.sandbox.outside.server import ForkServer, Isolation

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence
    from pathlib import Path

    from grader.diffusion.choice import Choice
    from grader.grading import Grader

TRIES = 2
END_SECONDS = 10.0  # that a job has to close its fork servers, on a busy machine too

T = TypeVar("T")
R = TypeVar("R")


class OfExercise(Protocol):
    """A task about one exercise, `LESSON/NAME`."""

    @property
    def exercise(self) -> str:
        """Which exercise it is about."""


E = TypeVar("E", bound=OfExercise)


@dataclass(frozen=True)
class Settings:
    """What every job grades by; `exercises` are names as `LESSON/NAME`, `models` as in `Conditions`."""

    root: Path
    exercises: tuple[str, ...]
    isolation: Isolation = Isolation.STRICT
    seeds: Seeds = REPEATABLE
    call_seconds: float | None = None
    models: tuple[Choice, ...] = ()

    def of_job(self, number: int) -> Settings:
        """Return the settings of one of several jobs: with one of the models, whose devices take turns."""
        one = (self.models[number % len(self.models)],) if self.models else ()
        return dataclasses.replace(self, models=one)


def usable_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Done(NamedTuple, Generic[T, R]):
    """What became of a task: a result and the seconds it took, or None and why the grader broke."""

    task: T
    result: R | None
    seconds: float = 0.0
    broken: str = ""


class Runner(Protocol):
    """What works off tasks, as `run_jobs` does."""

    def __call__(
        self, settings: Settings, work: Callable[[Grader, T], R], tasks: Iterable[T], count: int
    ) -> Generator[Done[T, R]]:
        """Yield what became of every task as it comes."""


def run_jobs(
    settings: Settings, work: Callable[[Grader, T], R], tasks: Iterable[T], count: int
) -> Generator[Done[T, R]]:
    """Yield what `work(grader, task)` returns for every task as it comes; `count` processes work side by side.

    `work` is a function of a module. A task on which it raises, or its process dies, is tried once more; then it is
    `Done` as broken, and the others go on. Tasks are taken from the iterable as they are needed.

    Raises:
        UsageError: the rubrics are wrong, or strict isolation cannot be had.
    """
    waiting = iter(tasks)
    idle = [Job(settings.of_job(number)) for number in range(count)]
    busy: dict[Future[tuple[R, float]], tuple[Job, T, int]] = {}
    jobs = list(idle)

    def begin(job: Job, task: T, trial: int) -> None:
        busy[job.submit(work, task)] = job, task, trial

    try:
        while True:
            while idle and (task := next(waiting, None)) is not None:
                begin(idle.pop(), task, 1)
            if not busy:
                return
            done, _ = wait(busy, return_when=FIRST_COMPLETED)
            for future in done:
                job, task, trial = busy.pop(future)
                outcome: Done[T, R] = job.outcome(task, future)
                if outcome.broken and trial < TRIES:
                    begin(job, task, trial + 1)
                    continue
                idle.append(job)
                yield outcome
    finally:
        if busy:  # the caller stopped early: tasks that are running are not waited for
            end_jobs(jobs)
        for job in jobs:
            job.close()


def end_jobs(jobs: Iterable[Job]) -> None:
    """End jobs whatever they are doing, and one that another thread is just starting; none begins another task.

    A job in the middle of native code does not hear that it is to end: after `END_SECONDS`, it is killed. What it has
    started ends by itself then.
    """
    for job in jobs:
        job.begin_no_more()  # and has no process afterwards that is not among the children
    children = multiprocessing.active_children()
    for child in children:
        child.terminate()
    until = time.monotonic() + END_SECONDS
    alive: list[Any] = [child.sentinel for child in children]
    while alive and (ended := connection.wait(alive, until - time.monotonic())):
        alive = [sentinel for sentinel in alive if sentinel not in ended]
    for child in children:
        if child.sentinel in alive:
            child.kill()
    for child in children:
        child.join()


def _done(task: T, future: Future[tuple[R, float]]) -> Done[T, R]:
    try:
        return Done(task, *future.result())
    except UsageError:
        raise
    except Exception as error:
        faults.show(error)
        if isinstance(error, BrokenProcessPool):
            return Done(task, None, broken=f"A grading process was killed. {faults.advice(errno.ENOMEM)}")
        return Done(task, None, broken=faults.reason(error))


@dataclass(frozen=True)
class Worked(Generic[E, R]):
    """What became of tasks: results, in the tasks' order; those `left` by an interruption; and why others broke."""

    results: dict[E, R]
    left: list[E]
    broken: list[str]

    def require_all(self) -> None:
        """Raise unless there is a result for every task.

        Raises:
            GraderError: the grader broke on some of them.
            KeyboardInterrupt: the run was interrupted.
        """
        if self.broken:
            raise GraderError("\n".join(self.broken))
        if self.left:
            raise KeyboardInterrupt


def work_off(
    settings: Settings,
    work: Callable[[Grader, E], R],
    tasks: Sequence[E],
    count: int,
    finished: Callable[[E, R], None],
) -> Worked[E, R]:
    """Return what `work(grader, task)` returns for the tasks (see `run_jobs`), as far as Ctrl-C lets it come.

    `finished` is called with every task that is done and its result. A task on which the grader breaks does not keep
    the others from being done.
    """
    found: dict[E, R] = {}
    broken: dict[E, str] = {}
    try:
        with closing(run_jobs(settings, work, tasks, count)) as all_done:
            for done in all_done:
                if done.result is None:
                    broken[done.task] = f"{done.task.exercise}: {done.broken}"
                else:
                    found[done.task] = done.result
                    finished(done.task, done.result)
    except KeyboardInterrupt:
        pass  # what is left is in what is returned
    results = {task: found[task] for task in tasks if task in found}
    left = [task for task in tasks if task not in found and task not in broken]
    return Worked(results, left, list(broken.values()))


class Job:
    """One process, in an executor of its own, so that its death affects only one task."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._restart()

    def _restart(self) -> None:
        """Start the process at the next task; the one before is dead."""
        self._executor = ProcessPoolExecutor(
            max_workers=1,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
        )

    def submit(self, work: Callable[[Grader, T], R], task: T) -> Future[tuple[R, float]]:
        """Begin a task."""
        return self._executor.submit(_timed, self._settings, work, task)

    def outcome(self, task: T, future: Future[tuple[R, float]]) -> Done[T, R]:
        """Return what became of a task, once its future is done; raise `UsageError` if the task raised it."""
        outcome: Done[T, R] = _done(task, future)
        if isinstance(future.exception(), BrokenProcessPool):
            self._restart()
        return outcome

    def begin_no_more(self) -> None:
        """Begin no other task, and return without waiting for one; a process that is being started is there then."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """End the process after its task; no other begins."""
        self._executor.shutdown(cancel_futures=True)


# --- inside a job -----------------------------------------------------------------------------------------------


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the caller's to handle


@functools.cache
def _grader(settings: Settings) -> Grader:
    """Return the process's one grader, which is made for its first task: only a task can report what goes wrong."""
    course = find_course(settings.root)
    exercises = course.select(settings.exercises)
    servers = [ForkServer(settings.isolation, bench(course))]

    def close() -> None:
        for server in servers:
            server.close()

    def end(*_: object) -> None:
        close()
        os._exit(0)

    def end_with_parent() -> None:
        if parent := multiprocessing.parent_process():
            parent.join()
        end()

    signal.signal(signal.SIGTERM, end)
    atexit.register(close)
    threading.Thread(target=end_with_parent, daemon=True).start()
    try:
        from grader.grading import Conditions, Grader

        grader = Grader(
            course,
            servers[0],
            seeds=settings.seeds,
            call_seconds=settings.call_seconds,
            lessons=dict.fromkeys(exercise.lesson for exercise in exercises),
            diagnosis_seconds=float("inf"),  # the same mistakes are named on a busy machine
        )
        if settings.models:
            from grader.tiers import server_for, with_real_model

            conditions = Conditions(settings.isolation, settings.seeds, settings.call_seconds, settings.models)
            servers.append(server_for(conditions, course, settings.models[0]))
            grader = with_real_model(grader, servers[1], conditions, settings.models[0])
        grader.begin(exercises)
        return grader
    except BaseException:
        close()  # another try starts others
        raise


def _timed(settings: Settings, work: Callable[[Grader, T], R], task: T) -> tuple[R, float]:
    started = time.perf_counter()
    return work(_grader(settings), task), time.perf_counter() - started
