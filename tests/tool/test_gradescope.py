"""The autograder for Gradescope: what is in its archive, what it writes, and what a hostile submission gets."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import jsonschema
import pytest

from grader.authoring.platforms.releasing import release_to
from grader.authoring.platforms.wanted import Wanted
from grader.classroom.autograders.gradescope import grade_submission
from grader.classroom.autograders.metadata import read_metadata
from grader.classroom.autograders.settings import NAME
from grader.course.finding import find_course
from grader.distribution import wheel_name
from grader.errors import UsageError
from helpers import other_user, run_gradescope
from helpers.course_factory import make_course, write_files
from helpers.recording import recording_with

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grader.sandbox.outside.server import ForkServer
    from helpers.command import Command

BIN = Path(sys.executable).parent
SCHEMA = json.loads((Path(__file__).parents[1] / "helpers/schemas/gradescope-results.schema.json").read_text())
RIGHT = "def double(number):\n    return 2 * number\n"
TWICE = "def twice(number):\n    return 2 * number\n"
BOTH = ["numbers/double", "numbers/twice"]
LATE = "2026-11-21T08:00:00.000000-08:00"
HIDDEN_TEXT = "Twice minus three is minus six."
DATES = {
    "due_date": "2026-11-20T23:00:00.000000-08:00",
    "late_due_date": None,
    "title": "Doubling",
    "total_points": "10.0",
}
POLICY = """schema = "grader.policy/1"
time_zone = "UTC"

[defaults]
percent = 10
"""
# It tries everything that could forge a result or read an answer, and then answers as a known mistake does.
HOSTILE = """
import glob, json, os, signal, sys

ROOT = {root!r}
FORGED = json.dumps({{"score": 10, "tests": [], "output": "forged"}})
got = []
for path in (ROOT + "/results/results.json", ROOT + "/source/course/rubrics/numbers.toml", "/autograder/results/results.json"):
    for attempt in (lambda: open(path, "w").write(FORGED), lambda: os.replace("mine", path), lambda: os.unlink(path)):
        try:
            open("mine", "w").write(FORGED)
            attempt()
            got.append(path)
        except OSError:
            pass
for path in (ROOT + "/source", ROOT + "/source/course/reference/numbers/double/test_hidden.py", ROOT + "/source/autograder.json",
             ROOT + "/submission_metadata.json", "/proc/%d/environ" % os.getppid(), "/proc/%d/mem" % os.getppid(), "/proc/1/environ", "/etc/shadow"):
    try:
        got.append(os.listdir(path) if os.path.isdir(path) else open(path).read(50))
    except OSError:
        pass
for pid in (os.getppid(), 1):
    try:
        os.kill(pid, signal.SIGTERM)
        got.append(pid)
    except OSError:
        pass
try:
    os.setuid(0)
    got.append("root")
except OSError:
    pass
print(FORGED)
sys.stdout.flush()


def double(number):
    if got:
        raise ValueError("REACHED %s" % got)
    return number
"""


@pytest.fixture(scope="module")
def archive(server: ForkServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release")
    changes = {
        "rubrics/policy.toml": POLICY,
        "constraints.txt": "torch==2.13.0\n",
        "exercises/numbers/README.md": "# Numbers\n",
    }
    course = find_course(make_course(folder / "course", ["numbers/double", "numbers/twice"], changes))
    wheel = folder / wheel_name()
    wheel.write_bytes(b"PK")
    wanted = Wanted(("double",), isolation="auto", count_hidden=True, attempts=3)
    with recording_with(server):
        release_to("gradescope", course, folder / "made.zip", wanted, wheel=wheel, jobs=1)
    return folder / "made.zip"


def laid_out(
    archive: Path, root: Path, files: dict[str, str], metadata: dict[str, Any] | None = None, **settings: object
) -> Path:
    """Lay out a container's folder with a submission, as Gradescope does, and return it."""
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(root / "source")
    write_files(root / "submission", files)
    (root / "results").mkdir()
    if metadata is not None:
        write_files(root, {"submission_metadata.json": json.dumps(metadata)})
    known = json.loads((root / "source" / NAME).read_text()) | {"user": "nobody"} | settings
    write_files(root / "source", {NAME: json.dumps(known, indent=2)})
    return root


@pytest.fixture
def tree(archive: Path, tmp_path: Path) -> Callable[..., Path]:
    """Return what lays out a container's folder with a submission."""
    return partial(laid_out, archive, tmp_path / "autograder")


def results_in(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((root / "results/results.json").read_text())
    jsonschema.validate(found, SCHEMA)
    return found


def metadata(
    created_at: str = "2026-11-20T22:00:00.000000-08:00", *before: dict[str, Any], **user: object
) -> dict[str, Any]:
    person = {"email": "ada@example.org", "id": 7, "name": "Ada", **user}
    return {
        "id": 1,
        "created_at": created_at,
        "assignment": DATES,
        "users": [person],
        "previous_submissions": list(before),
    }


def test_the_archive_has_its_programs_and_everything_that_decides_a_result(archive: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        names = set(opened.namelist())
        modes = {
            name: opened.getinfo(name).external_attr >> 16 & 0o777 for name in ("setup.sh", "run_autograder", NAME)
        }
    assert modes == {"setup.sh": 0o755, "run_autograder": 0o755, NAME: 0o644}
    assert {"requirements.txt", "constraints.txt", "install.py", wheel_name()} <= names
    assert {"course/reference/numbers/double/test_hidden.py", "course/rubrics/policy.toml"} <= names
    assert "course/exercises/numbers/README.md" not in names


@pytest.fixture(scope="module")
def as_root() -> Iterator[Callable[..., subprocess.CompletedProcess[str]]]:
    """Return what runs a Python command line as root, where workers can be another user's."""
    if why := other_user.why_not():
        pytest.skip(why)
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o755)
        yield lambda *arguments: other_user.run_as_root([*map(str, arguments)], Path(home), capture_output=True)


def with_hostile(root: Path) -> dict[str, str]:
    return {"double.py": HOSTILE.format(root=str(root)), "twice.py": TWICE, "results.json": '{"score": 10}'}


class Graded(NamedTuple):
    """A container's folder, and what the programs said in it."""

    root: Path
    installing: str
    grading: str


@pytest.fixture(scope="module")
def graded(
    archive: Path, as_root: Callable[..., subprocess.CompletedProcess[str]], tmp_path_factory: pytest.TempPathFactory
) -> Graded:
    """Run what Gradescope runs: a hostile answer to one exercise, a right one to the other, a day late."""
    root = tmp_path_factory.mktemp("container") / "autograder"
    said = metadata(LATE, {"score": 4.0, "results": {"extra_data": {"hidden": {"passed": 0}}}})
    laid_out(archive, root, with_hostile(root), said, exercises=BOTH)
    (root / "environment/bin").mkdir(parents=True)
    (root / "environment/bin/grade").symlink_to(BIN / "grade")
    source = root / "source"
    files = ["requirements.txt", "constraints.txt", wheel_name()]
    key = hashlib.sha256(b"".join((source / name).read_bytes() for name in files)).hexdigest()
    (root / "environment/.installed").write_text(key)
    run = "import os, sys; os.environ['GRADESCOPE_ROOT'] = sys.argv[1]; os.execvp('bash', ['bash', sys.argv[2]])"
    done = [as_root("-c", run, root, source / name) for name in ("setup.sh", "run_autograder")]
    assert [each.returncode for each in done] == [0, 0], [each.stderr for each in done]
    return Graded(root, *(each.stdout for each in done))


@pytest.fixture(scope="module")
def without_landlock(
    archive: Path, as_root: Callable[..., subprocess.CompletedProcess[str]], tmp_path_factory: pytest.TempPathFactory
) -> Graded:
    """Have the same graded where only the user stands between."""
    root = tmp_path_factory.mktemp("container") / "autograder"
    laid_out(archive, root, with_hostile(root), metadata(LATE), exercises=BOTH)
    for path in (root / "source", root / "results", root / "submission_metadata.json"):
        subprocess.run(["chmod", "-R", "go-rwx", path], check=True)  # as run_autograder does
    done = as_root(run_gradescope.__file__, root)
    assert done.returncode == 0, done.stderr
    return Graded(root, "", done.stdout)


@pytest.mark.thorough
@pytest.mark.parametrize("level", ["strict", "user"])
@pytest.mark.confined
def test_a_hostile_submission_reaches_nothing_and_is_graded_as_what_it_is(
    request: pytest.FixtureRequest, level: str
) -> None:
    run: Graded = request.getfixturevalue("graded" if level == "strict" else "without_landlock")
    found = results_in(run.root)
    assert f"Isolation: {level} (" in run.grading
    assert "as the user nobody." in run.grading
    double, twice = found["tests"][:2], found["tests"][2:4]
    assert [test["score"] for test in double] == [0, 0]
    assert [test["score"] for test in twice] == [4, 6]
    assert "REACHED" not in json.dumps(found)
    assert "forged" not in json.dumps(found)
    assert found["extra_data"]["isolation"] == level
    assert HIDDEN_TEXT not in json.dumps(found)
    assert [test["visibility"] for test in double] == ["visible", "after_published"]
    assert "The number is returned as it is." in double[0]["output"]


def test_strict_isolation_is_refused_where_there_is_none(
    tree: Callable[..., Path], command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.grading.ForkServer", command.lent)
    monkeypatch.setattr("grader.sandbox.outside.server.STRICT_LANDLOCK_ABI", 99)
    root = tree({"double.py": RIGHT}, isolation="strict")
    with pytest.raises(UsageError, match="Strict isolation needs Linux with Landlock"):
        grade_submission(root)
    assert list((root / "results").iterdir()) == []


@pytest.mark.thorough
@pytest.mark.confined
def test_from_the_archive_to_the_results_by_the_programs_that_gradescope_starts(graded: Graded) -> None:
    assert graded.installing == "Everything is installed already.\n"
    assert "Isolation: strict (Landlock, seccomp, resource limits)" in graded.grading
    assert (graded.root / "source").stat().st_mode & 0o077 == 0
    found = results_in(graded.root)
    assert found["score"] == 9  # ten points, and ten percent off for a day
    assert "1 of 2 hidden checks pass (0 at your submission before)." in found["output"]
    assert "This is submission 2 of 3 that are graded." in found["output"]


FAKE_PYTHON = """#!/bin/sh
case "$*" in
  "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  "-I "*install.py) echo "$0 runs install.py" ;;
  *) id -un >>"$(dirname "$0")/asked" ;;
esac
"""


def test_only_a_python_that_the_students_process_can_run_is_taken(
    archive: Path, as_root: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:  # those of pytest are closed to other users
        Path(folder).chmod(0o755)
        root = laid_out(archive, Path(folder) / "autograder", {})
        programs = write_files(Path(folder) / "bin", {"python3.12": FAKE_PYTHON, "python3.13": FAKE_PYTHON})
        (programs / "python3.12").chmod(0o755)
        (programs / "python3.13").chmod(0o700)
        (programs / "asked").touch()
        (programs / "asked").chmod(0o666)
        changed = f"os.environ.update(GRADESCOPE_ROOT={str(root)!r}, PATH={str(programs)!r} + ':' + os.environ['PATH'])"
        done = as_root("-c", f"import os; {changed}; os.execvp('bash', ['bash', {str(root / 'source/setup.sh')!r}])")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == f"{root}/environment/bin/python runs install.py\n"
        assert (programs / "asked").read_text() == "nobody\n"  # the one for root alone has not answered
        assert len((root / "environment/.installed").read_text()) == len("\n") + 64


def test_the_extension_of_a_student_moves_the_due_date(tmp_path: Path) -> None:
    from grader.classroom.policy import Policy, Student

    said = metadata(assignment={"due_date": "2026-11-22T23:00:00-08:00"})
    write_files(tmp_path, {"metadata.json": json.dumps(said)})
    policy = read_metadata(tmp_path / "metadata.json").policy(Policy(), {("numbers", "double"): None})
    deadline = policy.deadline(Student("ada@example.org"), "numbers", "double")
    assert (deadline.moved.days, str(deadline.due)) == (2, "2026-11-22 23:00:00-08:00")


TOKENS = (
    POLICY
    + """
[tokens]
per_term = 3

[[tokens.allowances]]
from = 2026-01-01T00:00:00
per_term = 1
students = ["bob@example.org"]
"""
)
UNKNOWN = "They are counted as if none had been spent on other assignments, which cannot be known here"


@pytest.mark.parametrize(
    ("users", "before", "score", "said"),
    [
        (["ada"], None, 10, "2 tokens are counted for this submission. Only the submission that counts spends any."),
        (["ada"], 1, 10, "2 tokens are counted for this submission (1 for your submission before). Only"),
        (["ada", "bob"], None, 9, "1 token is counted for this submission, of each member of the group. Only"),
    ],
    ids=["alone", "again", "a group, one of whom has fewer"],
)
def test_tokens_are_counted_for_the_submission_alone_and_what_is_not_known_is_said(
    tree: Callable[..., Path], command: Command, monkeypatch: pytest.MonkeyPatch, users: list[str], before: int | None,
    score: float, said: str,
) -> None:  # fmt: skip
    monkeypatch.setattr("grader.grading.ForkServer", command.lent)
    monkeypatch.setattr("grader.classroom.autograders.gradescope._user", lambda _: None)
    earlier = [] if before is None else [{"score": 9.0, "results": {"score": 9.0, "extra_data": {"tokens": before}}}]
    late = metadata("2026-11-22T08:00:00-08:00", *earlier)  # a day and nine hours
    late["users"] = [{"email": f"{name}@example.org", "name": name} for name in users]
    root = tree({"double.py": RIGHT}, late)
    write_files(root / "source/course", {"rubrics/policy.toml": TOKENS})
    grade_submission(root)
    found = results_in(root)
    assert found["score"] == score
    assert said in found["output"]
    assert UNKNOWN in found["output"]
    assert ("All 2 members of the group get this score." in found["output"]) == (len(users) > 1)
    assert found["extra_data"]["student"] == ", ".join(f"{name}@example.org" for name in users)


def test_the_extension_of_one_member_holds_for_the_group(tmp_path: Path) -> None:
    from grader.classroom.policy import Policy, Student

    said = metadata()
    said["users"] += [{"email": "bob@example.org", "assignment": {"due_date": "2026-11-21T23:00:00-08:00"}}]
    write_files(tmp_path, {"metadata.json": json.dumps(said)})
    found = read_metadata(tmp_path / "metadata.json")
    policy = found.policy(Policy(), {("numbers", "double"): None})
    assert found.students == ("ada@example.org", "bob@example.org")
    for student in found.students:
        assert str(policy.deadline(Student(student), "numbers", "double").due) == "2026-11-21 23:00:00-08:00"


def test_after_the_last_attempt_the_result_before_stands(tree: Callable[..., Path]) -> None:
    results = {
        "score": 4.0,
        "tests": [{"name": "double", "score": 4.0, "max_score": 10.0}],
        "output": "old",
        "extra_data": {},
    }
    before = [{"score": 4.0, "autograder_error": False} for _ in range(2)]
    before.append({"score": 4.0, "autograder_error": False, "results": results})
    root = tree({"double.py": RIGHT}, metadata("2026-11-20T22:00:00-08:00", *before))
    assert "not graded" in grade_submission(root)
    found = results_in(root)
    assert (found["score"], found["tests"]) == (4.0, results["tests"])
    assert found["output"].startswith("All 3 submissions that are graded are used up")


def test_what_the_platform_broke_is_no_attempt(tree: Callable[..., Path]) -> None:
    before = [{"score": None, "autograder_error": True} for _ in range(5)]
    root = tree({"notes.bin": "x"}, metadata("2026-11-20T22:00:00-08:00", *before))
    grade_submission(root)
    assert results_in(root)["score"] == 0  # graded: it has no code


def test_without_time_the_rest_is_not_a_zero_but_said(
    tree: Callable[..., Path], command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter([0.0, 1000.0])
    monkeypatch.setattr("grader.grading.ForkServer", command.lent)
    monkeypatch.setattr("grader.classroom.autograders.gradescope._user", lambda _: None)
    root = tree({"double.py": RIGHT}, isolation="auto", exercises=BOTH, seconds=1)
    monkeypatch.setattr(
        "grader.classroom.autograders.gradescope.time", SimpleNamespace(monotonic=lambda: next(moments))
    )
    said = grade_submission(root)
    found = results_in(root)
    assert "NOT COMPLETE: no time was left for numbers/twice" in said
    assert found["output"].startswith("THIS IS NOT YOUR SCORE YET. 1 exercises are not graded: twice.")
    assert found["extra_data"]["complete"] is False
    assert "score" not in found["tests"][-1]
