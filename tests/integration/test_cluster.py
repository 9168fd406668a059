"""A class on a Dask cluster, all of it on the loopback interface: the same marks, whatever becomes of the workers."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dask
import psutil
import pytest

from grader.classroom.cluster.client import runner_on
from grader.classroom.gradebook import Gradebook
from grader.errors import GraderError, UsageError
from grader.jobs import Settings
from helpers.course_factory import make_course, write_files
from helpers.dask_cluster import Certificates, dask_cluster
from helpers.patience import ENDLESS, wait_until
from helpers.stuck import waiting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from grader.sandbox.outside.server import Isolation
    from helpers.command import Command
    from helpers.dask_cluster import DaskCluster

GRADE = str(Path(sys.executable).with_name("grade"))
RIGHT = "def double(number):\n    return 2 * number\n"
UNCHANGED = "def double(number):\n    return number\n"
RETURNS = "def double(number):\n    return {}\n"
TIMES = ("seconds", "graded_at", "received_at")
ENDS_JOB, ENDS_WORKER_ALWAYS, ENDS_WORKER_ONCE, WAITS = 666, 667, 668, 669
# No submission can do this by itself: the check does it, in the judge's own process, whose parent is the Dask worker.
CHECKS = '''"""What happens to a worker where a submission answers so."""

import multiprocessing
import os
import signal
from pathlib import Path

from grader.checks import assert_equal

HERE = Path({folder!r})


def is_first(name):
    """Tell whether this has not happened before."""
    try:
        os.close(os.open(HERE / name, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def end_parent():
    """End the process that has started this one, and not the one that takes its place then."""
    parent = multiprocessing.parent_process()
    if parent.is_alive():
        os.kill(parent.pid, signal.SIGKILL)
    signal.pause()  # until this process has seen that it is alone


def test_double_of_two(submission):
    """Twice two is four."""
    found = submission.double(2)
    if found == 666:
        os.kill(os.getpid(), signal.SIGKILL)
    if found == 667 or (found == 668 and is_first("ended")):
        end_parent()
    if found == 669 and not (HERE / "go").exists():
        (HERE / "waits").touch()
        signal.pause()
    assert_equal(found, 4, "Twice two is four.")
'''
CHECK_FILE = "exercises/numbers/checks/test_double.py"


class Class:
    """A course, a folder of hand-ins, and gradebooks of them, each graded in another way."""

    def __init__(self, root: Path, isolation: Isolation, command: Command) -> None:
        self.root = root
        self.course = make_course(root / "course", changes={CHECK_FILE: CHECKS.format(folder=str(root))})
        self._isolation = isolation
        self._command = command

    def hand_in(self, **students: str) -> None:
        write_files(self.root / "handins", {f"{student}.py": source for student, source in students.items()})

    def batch(self, gradebook: str, *options: str) -> list[str]:
        isolation = ("--isolation", self._isolation.value)
        return ["batch", "../handins", "--gradebook", gradebook, "--seed", "1", *isolation, *options]

    def grade(self, gradebook: str, *options: str, status: int = 0) -> str:
        """Grade all that is missing in a gradebook, and return what the command says on standard error."""
        done = self._command.run(*self.batch(gradebook, *options), cwd=self.course)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stderr

    def marks(self, gradebook: str) -> dict[str, Any]:
        """Return everything that a gradebook says about each student, apart from times."""
        done = self._command.run("export", "--gradebook", gradebook, "--format", "json", cwd=self.course)
        assert done.returncode == 0, done.stderr
        return {each["student"]: without_times(each) for each in json.loads(done.stdout)["students"]}


def without_times(found: Any) -> Any:
    if isinstance(found, dict):
        return {name: without_times(each) for name, each in found.items() if name not in TIMES}
    return [without_times(each) for each in found] if isinstance(found, list) else found


@pytest.fixture(autouse=True, scope="module")
def _unhurried() -> Iterator[None]:
    """Let a slow machine take as long as it needs to start the processes of workers, which import helpers by name."""
    helpers = Path(__file__).parents[1] / "helpers"
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("PYTHONPATH", f"{helpers / 'unhurried'}:{helpers.parent}")
        yield


@pytest.fixture
def work(tmp_path: Path, isolation: Isolation, command: Command, jobs_in_this_process: None) -> Class:  # noqa: ARG001
    """Return a class that is graded in this process if not on a cluster."""
    return Class(tmp_path, isolation, command)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with dask_cluster(tmp_path_factory.mktemp("scheduler")) as found:
        yield found


@pytest.fixture
def cluster(scheduler: DaskCluster) -> Iterator[DaskCluster]:
    """Return a scheduler without workers; those that a test adds end with it."""
    yield scheduler
    scheduler.end_workers()


@pytest.fixture
def settings(work: Class, isolation: Isolation) -> Settings:
    return Settings(work.course, (), isolation)


def test_on_this_machine_only_those_are_without_a_mark_who_end_processes(work: Class) -> None:
    """The same marks as without a cluster, whatever else happens to its workers."""
    readable = {"ada": RIGHT, "bob": UNCHANGED, "dot": "def double(:\n", "eve": RIGHT + "# eve\n"}
    work.hand_in(**readable)
    work.grade("here.sqlite")
    work.hand_in(cem=RETURNS.format(ENDS_JOB), fay=RETURNS.format(ENDS_WORKER_ALWAYS))
    work.hand_in(**{f"late{number}": f"{RIGHT}# {number}\n" for number in range(6)})
    with dask.config.set({"distributed.scheduler.allowed-failures": 1}):
        work.grade("cluster.sqlite", "--cluster", "local", "--jobs", "2", status=3)
    found = work.marks("cluster.sqlite")
    assert len(found) == 12
    assert {name: found[name] for name in readable} == work.marks("here.sqlite")
    assert {name: each["points"] for name, each in found.items()} == {
        name: {"bob": 0, "dot": 0, "cem": None, "fay": None}.get(name, 10) for name in found
    }
    assert "A grading process was killed." in json.dumps(found["cem"])
    assert "Every worker that had this hand-in was lost." in json.dumps(found["fay"])


def test_ctrl_c_leaves_no_process_and_keeps_what_was_graded(work: Class) -> None:
    work.hand_in(ada=RIGHT, bob=RETURNS.format(WAITS), cem=RIGHT + "# cem\n")
    command = [GRADE, *work.batch("cluster.sqlite", "--cluster", "local", "--jobs", "2")]
    graded = ("ada", "cem")
    with subprocess.Popen(
        command, cwd=work.course, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:  # as a terminal does it: in a process group of its own
        try:
            wait_until(
                lambda: process.poll() is not None or (
                    (work.root / "waits").exists() and graded_now(work.root / "course/cluster.sqlite") == graded
                ),
                "nobody was graded",
            )  # fmt: skip
            children = psutil.Process(process.pid).children(recursive=True)
            assert len(children) >= 4  # two workers, and what each of them has
            os.killpg(process.pid, signal.SIGINT)
            said, complaint = process.communicate(timeout=ENDLESS)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 130, said + complaint
    assert "Traceback" not in complaint
    wait_until(lambda: not any(map(is_alive, children)), "a process is left")
    assert graded_now(work.root / "course/cluster.sqlite") == graded
    (work.root / "go").touch()
    work.grade("cluster.sqlite")
    work.grade("here.sqlite")
    assert work.marks("cluster.sqlite") == work.marks("here.sqlite")


def graded_now(path: Path) -> tuple[str, ...]:
    """Return whose hand-ins have a result in a gradebook."""
    try:
        with closing(Gradebook.open(path)) as book:
            return tuple(record.student for record in book.records() if any(each.results for each in record.attempts))
    except UsageError:  # it is just being made
        return ()


def is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_of_three_workers_that_are_reached_by_tls_one_is_killed_and_the_marks_are_the_same(
    work: Class, tls: DaskCluster
) -> None:
    for _ in range(3):
        tls.add_worker(work.course)
    work.hand_in(ada=RIGHT, bob=UNCHANGED, cem=RETURNS.format(ENDS_WORKER_ONCE))
    work.hand_in(**{f"more{number}": f"{RIGHT}# {number}\n" for number in range(5)})
    with dask.config.set(tls.certificates("same", "same", "same")):
        work.grade("cluster.sqlite", "--cluster", tls.address)
    assert sorted(worker.poll() is None for worker in tls.workers) == [False, True, True]
    work.grade("here.sqlite")
    assert work.marks("cluster.sqlite") == work.marks("here.sqlite")


def copied(course: Path, path: str, before: str, after: str) -> Path:
    """Return a copy of a course in which a text of a file is replaced."""
    copy = course.with_name("copy")
    shutil.copytree(course, copy)
    text = (copy / path).read_text()
    assert before in text
    (copy / path).write_text(text.replace(before, after))
    return copy


def results(settings: Settings, address: str, names: Iterable[str] = ("course",)) -> list[Any]:
    """Return attributes of the grader of some worker."""
    with runner_on(address, None) as run:
        return [done.result for done in run(settings, getattr, names, 0)]


def test_a_worker_with_the_same_course_elsewhere_grades_and_without_workers_a_run_waits_and_then_ends(
    settings: Settings, work: Class, cluster: DaskCluster, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr("grader.classroom.cluster.client.WORKER_SECONDS", 0)
    copy = shutil.copytree(work.course, work.root / "copy")
    cluster.add_worker(copy)

    def names() -> Iterator[str]:
        yield "course"
        cluster.end_workers()
        yield "course"

    with runner_on(cluster.address, None) as run:
        done = run(settings, getattr, names(), 0)
        assert next(done).result.root == copy
        with pytest.raises(GraderError, match="All workers are gone, and none came in 0 seconds"):
            next(done)
    assert capsys.readouterr().err == "No worker is left: waiting 0 seconds for one.\n"


def test_a_worker_with_another_course_is_refused_before_anything_is_graded(work: Class, cluster: DaskCluster) -> None:
    cluster.add_worker(work.course)
    address = cluster.add_worker(copied(work.course, "reference/numbers/double/test_hidden.py", "-3", "-5"))
    work.hand_in(ada=RIGHT)
    said = work.grade("cluster.sqlite", "--cluster", cluster.address, status=2)
    assert said == (
        f"grade: The worker {address} cannot grade. numbers/double (checks) differs there: "
        "bring the course up to date and run the command again.\n"
    )
    assert work.marks("cluster.sqlite") == {}


OTHER_LIBRARY = """
import importlib.metadata as metadata

version = metadata.version
metadata.version = lambda name: "0.0.1" if name == "peft" else version(name)
"""


def test_a_worker_that_comes_late_and_is_another_one_grades_nothing(
    settings: Settings, work: Class, cluster: DaskCluster, tmp_path: Path
) -> None:
    cluster.add_worker(work.course)
    write_files(tmp_path / "path", {"sitecustomize.py": OTHER_LIBRARY})
    path = f"{tmp_path / 'path'}:{os.environ['PYTHONPATH']}"
    begun, late, never = (tmp_path / name for name in ("begun", "late", "never"))

    def add_worker() -> str:
        wait_until(begun.exists, "the first worker does nothing")  # and has no room then
        return cluster.add_worker(work.course, PYTHONPATH=path)

    with ThreadPoolExecutor(1) as pool, runner_on(cluster.address, None) as run:
        address = pool.submit(add_worker)
        with pytest.raises(UsageError) as refused:
            list(run(settings, waiting, [(begun, never), (late, never)], 0))
    assert str(refused.value) == (
        f"The worker {address.result()} cannot grade. peft is 0.0.1 there and {importlib.metadata.version('peft')} here: "
        "install the same and start the worker again."
    )
    assert not late.exists()


def test_a_worker_that_comes_late_gets_tasks(
    settings: Settings, work: Class, cluster: DaskCluster, tmp_path: Path
) -> None:
    cluster.add_worker(work.course)
    first, second = tmp_path / "first", tmp_path / "second"

    def add_worker() -> None:
        wait_until(first.exists, "the first worker does nothing")  # and has no room from now on
        cluster.add_worker(work.course)

    with ThreadPoolExecutor(1) as pool, runner_on(cluster.address, None) as run:
        added = pool.submit(add_worker)
        # Each task ends only when the other one has begun: without a second worker neither ever does.
        done = list(run(settings, waiting, [(first, second), (second, first)], 0))
        added.result()
    assert [each.broken for each in done] == ["", ""]


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """Return a cluster that talks by TLS, in whose folder are certificates of its authority and of another one."""
    folder = tmp_path_factory.mktemp("tls")
    Certificates(folder / "other")
    with dask_cluster(folder, Certificates(folder / "same")) as found:
        yield found


NOT_OURS = "a certificate that Dask's settings here do not trust (self-signed certificate)"
NOT_THEIRS = "does not accept the certificate of `distributed.comm.tls.client`"
UNUSABLE = "The certificates that `distributed.comm.tls` names in Dask's settings cannot be used"


@pytest.mark.parametrize(
    ("scheme", "authority", "certificate", "key", "said"),
    [
        ("tls", "same", "same", "same", "No worker has come to"),
        ("tls", "other", "other", "other", NOT_OURS),
        ("tls", "other", "same", "same", NOT_OURS),
        ("tls", "same", "other", "other", NOT_THEIRS),
        ("tls", "same", None, None, "(there is no certificate of the client)"),
        ("tls", "same", "same", "other", UNUSABLE),
        ("tls", "missing", "same", "same", UNUSABLE),
        ("tcp", "same", "same", "same", "begin the address with tls:// if the scheduler uses TLS"),
    ],
)
def test_certificates_that_do_not_fit_are_one_sentence(
    work: Class, tls: DaskCluster, scheme: str, authority: str, certificate: str | None, key: str | None, said: str
) -> None:
    tls.end_workers()
    work.hand_in(ada=RIGHT)
    address = tls.address.replace("tls:", f"{scheme}:")
    with dask.config.set(tls.certificates(authority, certificate, key)):
        complaint = work.grade("class.sqlite", "--cluster", address, status=2)
    assert said in complaint
    assert (complaint.count("\n"), complaint[:7]) == (1, "grade: ")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--nthreads", "2"], r"The worker tcp://.* cannot grade\. It has 2 threads and should have one"),
        (["--nanny"], r"The worker tcp://.* cannot grade\. It may not start a process for its grader"),
    ],
)
def test_a_worker_that_was_started_in_another_way_is_refused(
    settings: Settings, work: Class, cluster: DaskCluster, options: list[str], said: str
) -> None:
    cluster.add_worker(work.course, *options)
    with pytest.raises(UsageError, match=said):
        results(settings, cluster.address)


def test_a_worker_outside_of_a_course_is_refused(settings: Settings, tmp_path: Path, cluster: DaskCluster) -> None:
    cluster.add_worker(tmp_path)
    with pytest.raises(UsageError, match=r"The worker tcp://.* cannot grade\. No course was found"):
        results(settings, cluster.address)


def test_a_lost_scheduler_ends_the_run(settings: Settings, work: Class, tmp_path: Path) -> None:
    with dask_cluster(tmp_path) as cluster:
        cluster.add_worker(work.course)

        def names() -> Iterator[str]:
            yield "course"
            cluster.scheduler.kill()
            cluster.scheduler.wait(ENDLESS)
            yield "course"

        with pytest.raises(GraderError, match=r"The scheduler no longer answers .* is in the gradebook"):
            results(settings, cluster.address, names())


def connections() -> set[tuple[str, int, int]]:
    processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
    return {(each.laddr.ip, each.laddr.port, p.pid) for p in processes for each in p.net_connections("inet")}


def test_a_cluster_on_this_machine_listens_on_the_loopback_interface_only() -> None:
    before = connections()
    with runner_on("local", 1):
        assert {address for address, *_ in connections() - before} == {"127.0.0.1"}
