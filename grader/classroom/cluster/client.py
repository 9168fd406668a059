"""The side of the machine that has the gradebook: it connects, hands out tasks as they are needed, takes results."""

from __future__ import annotations

import functools
import itertools
import logging
import queue
import signal
import sys
import tempfile
import time
import uuid
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from grader import faults
from grader.classroom.cluster.connecting import connected
from grader.classroom.cluster.likeness import likeness
from grader.course.finding import find_course
from grader.distribution import requirement
from grader.errors import GraderError, UsageError
from grader.jobs import Done, Settings, run_jobs, usable_cores

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from distributed import Client, Future

    from grader.classroom.cluster.worker import Run
    from grader.grading import Grader
    from grader.jobs import Runner

T = TypeVar("T")
R = TypeVar("R")

LOCAL = "local"
WORKER_SECONDS = 300.0  # a run waits that long for a worker, after the last one was lost
_LOOK_SECONDS = 1.0  # how often it is seen whether workers have come or gone
# That a worker has: behind it none may wait, since Dask takes all that a worker has for guilty when it is lost.
_TASKS_EACH = 1
_KEPT = "What is graded is in the gradebook: run the same command again."
# What a cluster on this machine does, whatever Dask's own settings say.
_SETTINGS = {
    "distributed.worker.daemon": False,  # it starts a job
    "distributed.deploy.lost-worker-timeout": "1h",  # on a busy machine, one takes long to start again
    "distributed.worker.profile.enabled": False,
    # Of what it keeps for developers, thousands of entries would be memory that grows with a class.
    "distributed.admin.low-level-log-length": 10,
    "distributed.admin.system-monitor.log-length": 10,
    "distributed.diagnostics.computations.max-history": 1,
    "distributed.worker.preload": [],
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}


@contextmanager
def runner_on(cluster: str | None, jobs: int | None) -> Iterator[Runner]:
    """Yield what works off tasks: processes of this machine for None, else the workers of a Dask cluster.

    `cluster` is the address of a scheduler, or "local" for a cluster on this machine that has `jobs` workers (one a
    core for None) and ends with the block.

    Raises:
        UsageError: Dask is not installed, nothing answers at the address, or `jobs` says how many workers somebody
            else's cluster has.
    """
    if cluster is None:
        yield run_jobs
        return
    if cluster != LOCAL and jobs is not None:
        raise UsageError("--jobs is the number of processes on this machine: leave it out with --cluster ADDRESS.")
    try:
        import cryptography  # noqa: F401 - makes the certificates of a cluster on this machine
        import distributed  # noqa: F401
    except ImportError as error:
        raise UsageError(
            f"--cluster needs its extra, which is missing or broken ({error}): pip install {requirement('cluster')}"
        ) from error
    if not faults.debugging():
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters of it, we say ourselves
    with _local(jobs or usable_cores()) if cluster == LOCAL else connected(cluster) as client:
        yield functools.partial(_run, client, elsewhere=cluster != LOCAL)


@contextmanager
def _local(count: int) -> Iterator[Client]:
    """Yield the client of a cluster on the loopback interface, whose scheduler knows nobody but its own workers."""
    import dask
    from distributed import Client, LocalCluster, Security

    level = logging.WARNING if faults.debugging() else logging.CRITICAL
    with tempfile.TemporaryDirectory(prefix="grade-") as folder, dask.config.set(_SETTINGS):
        with _interrupts_kept_back():
            cluster = LocalCluster(
                n_workers=count,
                threads_per_worker=1,
                host="127.0.0.1",
                security=Security.temporary(),  # anybody on this machine can reach the port
                scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
                worker_dashboard_address=None,
                memory_limit=0,
                local_directory=folder,
                silence_logs=level,
            )
        with cluster, Client(cluster, set_as_default=False) as client:
            yield client


@contextmanager
def _interrupts_kept_back() -> Iterator[None]:
    """Keep Ctrl-C back in this thread while the block runs, and for good in those that it starts, and their processes.

    A terminal sends it to all processes, but it is this one that ends them.
    """
    resource_tracker.ensure_running()  # which lets interrupts in again where it is started
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _run(
    client: Client,
    settings: Settings,
    work: Callable[[Grader, T], R],
    tasks: Iterable[T],
    _count: int,
    *,
    elsewhere: bool,
) -> Generator[Done[T, R]]:
    """Work off tasks as `run_jobs` does, on the workers that there are at the time.

    A worker that comes is compared with this machine before its first task. What a lost worker has not handed in is
    done again, by another one. If none is left, the run waits for one.

    Raises:
        UsageError: the rubrics are wrong, strict isolation cannot be had, or a worker has another course, grader,
            Python or library.
        GraderError: the scheduler is gone, or all workers are and none came for five minutes.
    """
    from grader.classroom.cluster.worker import Run

    course = find_course(settings.root)
    made_of = likeness(course, settings.exercises)
    waiting, more = iter(tasks), True
    begun = _Begun(client, Run(uuid.uuid4().hex, settings, made_of, None if elsewhere else course.root), work)
    try:
        begun.refuse_others()
        while True:
            while more and begun.has_room():
                try:
                    begun.add(next(waiting))
                except StopIteration:
                    more = False
            if not more and not begun:
                return
            if (done := begun.next_done()) is not None:
                yield done
    finally:
        begun.end()


class _Begun(Generic[T, R]):
    """The tasks that the cluster has: no more than its workers need, so that memory does not grow with a class."""

    def __init__(self, client: Client, run: Run, work: Callable[[Grader, T], R]) -> None:
        self._client = client
        self._run = run
        self._work = work
        self._tasks: dict[object, tuple[Future[Any], T]] = {}
        self._finished: queue.SimpleQueue[Future[Any]] = queue.SimpleQueue()
        self._numbers = itertools.count()
        self._alone_since: float | None = None

    def __len__(self) -> int:
        return len(self._tasks)

    def refuse_others(self) -> None:
        """Raise `UsageError` if a worker differs from this machine."""
        from grader.classroom.cluster.worker import refusal

        for address, found in self._client.run(refusal, self._run, on_error="return").items():
            if isinstance(found, BaseException) and not isinstance(found, OSError):  # who has gone meanwhile
                raise _unusable(found, f"The worker {address}")
            self._refuse(found)

    def has_room(self) -> bool:
        """Tell whether a worker can take another task; raise `GraderError` if there has been none for too long."""
        try:
            workers = len(self._client.nthreads())
        except (OSError, RuntimeError, ValueError) as error:
            raise _gone(error) from error
        if workers:
            self._alone_since = None
        elif self._alone_since is None:
            self._alone_since = time.monotonic()
            print(f"No worker is left: waiting {WORKER_SECONDS:.0f} seconds for one.", file=sys.stderr, flush=True)
        elif time.monotonic() - self._alone_since > WORKER_SECONDS:
            raise GraderError(f"All workers are gone, and none came in {WORKER_SECONDS:.0f} seconds. {_KEPT}")
        return len(self) < _TASKS_EACH * workers

    def add(self, task: T) -> None:
        """Hand a task to the scheduler."""
        from grader.classroom.cluster.worker import work_off

        key = (f"grade-{self._run.name}", next(self._numbers))
        future = self._client.submit(functools.partial(work_off, self._run, self._work, task), key=key)
        self._tasks[key] = future, task
        future.add_done_callback(self._finished.put)

    def next_done(self) -> Done[T, R] | None:
        """Return what became of a task, None if for a while none was done."""
        from distributed.scheduler import KilledWorker

        try:
            future = self._finished.get(timeout=_LOOK_SECONDS)
        except queue.Empty:
            return None
        _, task = self._tasks.pop(future.key)
        try:
            found = future.result()
        except KilledWorker as error:
            faults.show(error)
            return Done(task, None, broken="Every worker that had this hand-in was lost.")
        except CancelledError as error:
            raise _gone(error) from error
        except Exception as error:  # before our own code on the worker, or the scheduler, could begin
            faults.show(error)
            raise _unusable(error, "A worker or the scheduler") from error
        finally:
            future.release()
        self._refuse(found)
        return Done(task, *found[1:])

    def end(self) -> None:
        """End the run on all workers, also those that are grading."""
        from grader.classroom.cluster.worker import end_run

        with suppress(Exception):  # a cluster that is gone has no graders either
            self._client.cancel([future for future, _ in self._tasks.values()], force=True)
            self._client.run(end_run, self._run.name, on_error="ignore")

    def _refuse(self, found: object) -> None:
        from grader.classroom.cluster.worker import Refused

        if isinstance(found, Refused):
            raise UsageError(found.why if self._run.root else f"The worker {found.worker} cannot grade. {found.why}")


def _gone(error: BaseException) -> GraderError:
    return GraderError(f"The scheduler no longer answers ({faults.reason(error).rstrip('.')}). {_KEPT}")


def _unusable(error: BaseException, who: str) -> UsageError:
    return UsageError(f"{who} cannot use this grader ({faults.reason(error).rstrip('.')}): install the same one there.")
