"""A class on a Dask cluster, all of it on the loopback interface: the same marks, whatever becomes of the workers."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import signal
import subprocess
import sys
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

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

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


def test_double_of_two(submission):
    """Twice two is four."""
    found = submission.double(2)
    if found == 666:
        os.kill(os.getpid(), signal.SIGKILL)
    if found == 667 or (found == 668 and is_first("ended")):
        os.kill(os.getppid(), signal.SIGKILL)
    if found == 669 and not (HERE / "go").exists():
        (HERE / "waits").touch()
        signal.pause()
    assert_equal(found, 4, "Twice two is four.")
'''
CHECK_FILE = "exercises/numbers/checks/test_double.py"


class Class:
    """A course, a folder of hand-ins, and gradebooks of them, each graded in another way."""

    def __init__(self, root: Path, isolation: Isolation) -> None:
        self.root = root
        self.course = make_course(root / "course", changes={CHECK_FILE: CHECKS.format(folder=str(root))})
        self._isolation = isolation
        self._begun: list[subprocess.Popen[str]] = []

    def end(self) -> None:
        """Kill what was begun and has not ended."""
        for process in self._begun:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()

    def hand_in(self, **students: str) -> None:
        write_files(self.root / "handins", {f"{student}.py": source for student, source in students.items()})

    def command(self, gradebook: str, *options: str) -> list[str]:
        isolation = ("--isolation", self._isolation.value)
        return [GRADE, "batch", "../handins", "--gradebook", gradebook, "--seed", "1", *isolation, *options]

    def grade(self, gradebook: str, *options: str, status: int = 0, env: Mapping[str, str] | None = None) -> str:
        """Grade all that is missing in a gradebook, and return what the command says on standard error."""
        command = self.command(gradebook, *options)
        done = subprocess.run(command, cwd=self.course, capture_output=True, text=True, check=False, env=env)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stderr

    def begin(self, gradebook: str, *options: str) -> subprocess.Popen[str]:
        """Begin to grade, as a terminal does it: in a process group of its own; return once a hand-in waits."""
        process = subprocess.Popen(
            self.command(gradebook, *options), cwd=self.course, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, start_new_session=True,
        )  # fmt: skip
        self._begun.append(process)
        wait_until(lambda: process.poll() is not None or (self.root / "waits").exists(), "no hand-in waits")
        assert process.poll() is None, process.communicate()
        return process

    def marks(self, gradebook: str) -> dict[str, Any]:
        """Return everything that a gradebook says about each student, apart from times."""
        command = [GRADE, "export", "--gradebook", gradebook, "--format", "json"]
        done = subprocess.run(command, cwd=self.course, capture_output=True, text=True, check=True)
        return {each["student"]: without_times(each) for each in json.loads(done.stdout)["students"]}


def without_times(found: Any) -> Any:
    if isinstance(found, dict):
        return {name: without_times(each) for name, each in found.items() if name not in TIMES}
    return [without_times(each) for each in found] if isinstance(found, list) else found


@pytest.fixture
def work(tmp_path: Path, isolation: Isolation) -> Iterator[Class]:
    work = Class(tmp_path, isolation)
    yield work
    work.end()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[DaskCluster]:
    with dask_cluster(tmp_path) as found:
        yield found


@pytest.fixture
def settings(work: Class, isolation: Isolation) -> Settings:
    return Settings(work.course, ("numbers/double",), isolation)


def test_a_cluster_on_this_machine_gives_the_same_marks(work: Class) -> None:
    work.hand_in(ada=RIGHT, bob=UNCHANGED, cem=RETURNS.format(ENDS_JOB), dot="def double(:\n", eve=RIGHT + "# eve\n")
    work.grade("cluster.sqlite", "--cluster", "local", "--jobs", "2", status=3)
    work.grade("here.sqlite", "--jobs", "1", status=3)
    found = work.marks("cluster.sqlite")
    assert found == work.marks("here.sqlite")
    assert [found[name]["points"] for name in ("ada", "bob", "cem", "dot", "eve")] == [10, 0, None, 0, 10]
    assert "A grading process was killed." in json.dumps(found["cem"])


def test_a_hand_in_that_ends_its_worker_every_time_is_the_only_one_without_a_mark(work: Class) -> None:
    work.hand_in(**{f"early{number}": f"{RIGHT}# {number}\n" for number in range(3)})
    work.hand_in(fay=RETURNS.format(ENDS_WORKER_ALWAYS))
    work.hand_in(**{f"late{number}": f"{RIGHT}# {number}\n" for number in range(8)})
    work.grade("cluster.sqlite", "--cluster", "local", "--jobs", "2", status=3)
    found = work.marks("cluster.sqlite")
    assert {student: each["points"] for student, each in found.items()} == {
        student: None if student == "fay" else 10 for student in found
    }
    assert len(found) == 12
    assert "Every worker that had this hand-in was lost." in json.dumps(found["fay"])


def test_ctrl_c_leaves_no_process_and_keeps_what_was_graded(work: Class) -> None:
    work.hand_in(ada=RIGHT, bob=RETURNS.format(WAITS), cem=RIGHT + "# cem\n")
    options = ("--cluster", "local", "--jobs", "2")
    process = work.begin("cluster.sqlite", *options)
    graded = ("ada", "cem")
    wait_until(lambda: graded_now(work.root / "course/cluster.sqlite") == graded, "nobody was graded")
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) >= 4  # two workers, and what each of them has
    os.killpg(process.pid, signal.SIGINT)
    said, complaint = process.communicate(timeout=ENDLESS)
    assert process.returncode == 130, said + complaint
    assert "Traceback" not in complaint
    wait_until(lambda: not any(map(is_alive, children)), "a process is left")
    assert graded_now(work.root / "course/cluster.sqlite") == graded
    (work.root / "go").touch()
    work.grade("cluster.sqlite", *options)
    work.grade("here.sqlite", "--jobs", "1")
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


def test_of_three_workers_one_is_killed_and_the_marks_are_the_same(work: Class, cluster: DaskCluster) -> None:
    for _ in range(3):
        cluster.add_worker(work.course)
    work.hand_in(ada=RIGHT, bob=UNCHANGED, cem=RETURNS.format(ENDS_WORKER_ONCE))
    work.hand_in(**{f"more{number}": f"{RIGHT}# {number}\n" for number in range(12)})
    work.grade("cluster.sqlite", "--cluster", cluster.address)
    assert sorted(worker.poll() is None for worker in cluster.workers) == [False, True, True]
    work.grade("here.sqlite", "--jobs", "1")
    assert work.marks("cluster.sqlite") == work.marks("here.sqlite")


def copied(course: Path, **changes: tuple[str, str, str]) -> Path:
    """Return a copy of a course in which texts are replaced, each in a file: (path, before, after)."""
    copy = course.with_name("copy")
    shutil.copytree(course, copy)
    for path, before, after in changes.values():
        text = (copy / path).read_text()
        assert before in text
        (copy / path).write_text(text.replace(before, after))
    return copy


def test_a_worker_with_the_same_course_elsewhere_grades(settings: Settings, work: Class, cluster: DaskCluster) -> None:
    copy = copied(work.course)
    cluster.add_worker(copy)
    (course,) = results(settings, cluster.address)
    assert course.root == copy


def results(settings: Settings, address: str, names: Iterable[str] = ("course",)) -> list[Any]:
    """Return attributes of the grader of some worker."""
    with runner_on(address, None) as run:
        return [done.result for done in run(settings, getattr, names, 0)]


def test_a_worker_with_another_course_is_refused_before_anything_is_graded(work: Class, cluster: DaskCluster) -> None:
    hidden = "reference/numbers/double/test_hidden.py"
    cluster.add_worker(work.course)
    address = cluster.add_worker(copied(work.course, number=(hidden, "-3", "-5")))
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


@pytest.mark.parametrize("other", ["course", "libraries"])
def test_a_worker_that_comes_late_and_is_another_one_grades_nothing(
    work: Class, cluster: DaskCluster, tmp_path: Path, other: str
) -> None:
    cluster.add_worker(work.course)
    work.hand_in(ada=RETURNS.format(WAITS), bob=RIGHT)
    process = work.begin("cluster.sqlite", "--cluster", cluster.address)
    if other == "course":
        address = cluster.add_worker(
            copied(work.course, number=("reference/numbers/double/test_hidden.py", "-3", "-5"))
        )
        why = "numbers/double (checks) differs there: bring the course up to date and run the command again."
    else:
        write_files(tmp_path / "path", {"sitecustomize.py": OTHER_LIBRARY})
        address = cluster.add_worker(work.course, PYTHONPATH=str(tmp_path / "path"))
        here = importlib.metadata.version("peft")
        why = f"peft is 0.0.1 there and {here} here: install the same and start the worker again."
    said, complaint = process.communicate(timeout=ENDLESS)
    assert (process.returncode, complaint) == (2, f"grade: The worker {address} cannot grade. {why}\n"), said
    assert graded_now(work.course / "cluster.sqlite") == ()


def test_a_remote_scheduler_is_reached_by_tls_and_only_with_a_certificate(work: Class, tmp_path: Path) -> None:
    work.hand_in(ada=RIGHT, bob=UNCHANGED)
    with dask_cluster(tmp_path, Certificates(tmp_path / "tls")) as cluster:
        cluster.add_worker(work.course)
        assert cluster.address.startswith("tls://")
        work.grade("cluster.sqlite", "--cluster", cluster.address, env=cluster.surroundings)
    work.grade("here.sqlite", "--jobs", "1")
    assert work.marks("cluster.sqlite") == work.marks("here.sqlite")


NOT_OURS = "a certificate that Dask's settings here do not trust (self-signed certificate)"
NOT_THEIRS = "does not accept the certificate of `distributed.comm.tls.client`"
UNUSABLE = "The certificates that `distributed.comm.tls` names in Dask's settings cannot be used"


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """Return a cluster without workers that talks by TLS, with certificates of an authority, beside those of another."""
    folder = tmp_path_factory.mktemp("tls")
    Certificates(folder / "other")
    with dask_cluster(folder, Certificates(folder / "same")) as found:
        yield found


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
    work: Class, command: Command, scheduler: DaskCluster,
    scheme: str, authority: str, certificate: str | None, key: str | None, said: str,
) -> None:  # fmt: skip
    work.hand_in(ada=RIGHT)
    address = scheduler.address.replace("tls:", f"{scheme}:")
    settings = {"ca-file": f"{authority}/certificate.pem"}
    settings |= {"client.cert": f"{certificate}/certificate.pem", "client.key": f"{key}/key.pem"} if certificate else {}
    with dask.config.set({f"distributed.comm.tls.{each}": str(scheduler.folder / settings[each]) for each in settings}):
        done = command.run(*work.command("class.sqlite", "--cluster", address)[1:], cwd=work.course)
    assert done.returncode == 2
    assert said in done.stderr
    assert (done.stderr.count("\n"), done.stderr[:7]) == (1, "grade: ")


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


def test_a_lost_scheduler_ends_the_run(settings: Settings, work: Class, cluster: DaskCluster) -> None:
    cluster.add_worker(work.course)

    def names() -> Iterator[str]:
        yield "course"
        cluster.scheduler.kill()
        cluster.scheduler.wait(ENDLESS)
        yield "course"

    with pytest.raises(GraderError, match=r"The scheduler no longer answers .* is in the gradebook"):
        results(settings, cluster.address, names())


def test_a_run_without_workers_waits_and_then_ends(
    settings: Settings, work: Class, cluster: DaskCluster, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr("grader.classroom.cluster.client.WORKER_SECONDS", 0)
    cluster.add_worker(work.course)

    def names() -> Iterator[str]:
        yield "course"
        cluster.end_worker()
        yield "course"

    with pytest.raises(GraderError, match="All workers are gone, and none came in 0 seconds"):
        results(settings, cluster.address, names())
    assert capsys.readouterr().err == "No worker is left: waiting 0 seconds for one.\n"


def test_a_cluster_on_this_machine_listens_on_the_loopback_interface_only() -> None:
    with runner_on("local", 1):
        processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
        found = {each.laddr.ip for process in processes for each in process.net_connections("inet")}
    assert found == {"127.0.0.1"}
