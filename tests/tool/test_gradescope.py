"""The autograder for Gradescope: what is in its archive, what it writes, and what a hostile submission gets."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from grader.authoring.platforms.releasing import release_to
from grader.authoring.platforms.wanted import Wanted
from grader.authoring.recording import record
from grader.classroom.autograders.gradescope import grade_submission
from grader.classroom.autograders.metadata import read_metadata
from grader.classroom.autograders.settings import NAME
from grader.course.finding import find_course
from helpers import other_user, run_gradescope
from helpers.course_factory import make_course, write_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BIN = Path(sys.executable).parent
SCHEMA = json.loads((Path(__file__).parents[1] / "helpers/schemas/gradescope-results.schema.json").read_text())
RIGHT = "def double(number):\n    return 2 * number\n"
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
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release")
    changes = {
        "rubrics/policy.toml": POLICY,
        "constraints.txt": "torch==2.13.0\n",
        "exercises/numbers/README.md": "# Numbers\n",
    }
    course = find_course(make_course(folder / "course", ["numbers/double", "numbers/twice"], changes))
    record(course, course.exercises, jobs=1)
    wheel = folder / "diffusion_grader-0.1.0-py3-none-any.whl"
    wheel.write_bytes(b"PK")
    wanted = Wanted(("double",), isolation="auto", count_hidden=True, attempts=3)
    release_to("gradescope", course, folder / "made.zip", wanted, wheel=wheel, jobs=1)
    return folder / "made.zip"


@pytest.fixture
def tree(archive: Path, tmp_path: Path) -> Callable[..., Path]:
    """Return what lays out a container's folder with a submission, as Gradescope does."""

    def make(files: dict[str, str], metadata: dict[str, Any] | None = None, **settings: object) -> Path:
        root = tmp_path / "autograder"
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(root / "source")
        write_files(root / "submission", files)
        (root / "results").mkdir()
        if metadata is not None:
            write_files(root, {"submission_metadata.json": json.dumps(metadata)})
        known = json.loads((root / "source" / NAME).read_text()) | {"user": "nobody"} | settings
        write_files(root / "source", {NAME: json.dumps(known, indent=2)})
        return root

    return make


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
    assert {"requirements.txt", "constraints.txt", "install.py", "diffusion_grader-0.1.0-py3-none-any.whl"} <= names
    assert {"course/reference/numbers/double/test_hidden.py", "course/rubrics/policy.toml"} <= names
    assert "course/exercises/numbers/README.md" not in names


@pytest.fixture
def as_root() -> Iterator[Callable[..., subprocess.CompletedProcess[str]]]:
    """Return what runs a Python command line as root, where workers can be another user's."""
    if why := other_user.why_not():
        pytest.skip(why)
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o755)
        yield lambda *arguments: other_user.run_as_root([*map(str, arguments)], Path(home), capture_output=True)


@pytest.mark.parametrize("isolation", ["strict", "user"])
@pytest.mark.confined
def test_a_hostile_submission_reaches_nothing_and_is_graded_as_what_it_is(
    tree: Callable[..., Path], as_root: Callable[..., subprocess.CompletedProcess[str]], isolation: str
) -> None:
    root = tree({}, metadata())
    write_files(root / "submission", {"double.py": HOSTILE.format(root=str(root)), "results.json": '{"score": 10}'})
    for path in (root / "source", root / "results", root / "submission_metadata.json"):
        subprocess.run(["chmod", "-R", "go-rwx", path], check=True)
    done = as_root(run_gradescope.__file__, root, "landlock" if isolation == "strict" else "none")
    assert done.returncode == 0, done.stderr
    found = results_in(root)
    assert f"Isolation: {isolation} (" in done.stdout
    assert "as the user nobody." in done.stdout
    assert found["score"] == 0
    assert "REACHED" not in json.dumps(found)
    assert "forged" not in json.dumps(found)
    assert found["extra_data"]["isolation"] == isolation
    assert HIDDEN_TEXT not in json.dumps(found)
    assert [test["visibility"] for test in found["tests"]] == ["visible", "after_published", "visible"]
    assert "The number is returned as it is." in found["tests"][0]["output"]


def test_strict_isolation_is_refused_where_there_is_none(
    tree: Callable[..., Path], as_root: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    root = tree({"double.py": RIGHT}, isolation="strict")
    done = as_root(run_gradescope.__file__, root, "none")
    assert "Strict isolation needs Linux with Landlock" in done.stderr
    assert list((root / "results").iterdir()) == []


@pytest.mark.confined
def test_from_the_archive_to_the_results_by_the_programs_that_gradescope_starts(
    tree: Callable[..., Path], as_root: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    before = {
        "submission_time": "",
        "score": 4.0,
        "autograder_error": False,
        "results": {"extra_data": {"hidden": {"passed": 0}}},
    }
    root = tree({"double.py": RIGHT}, metadata("2026-11-21T08:00:00.000000-08:00", before))
    (root / "environment/bin").mkdir(parents=True)
    (root / "environment/bin/grade").symlink_to(BIN / "grade")
    source = root / "source"
    files = ["requirements.txt", "constraints.txt", "diffusion_grader-0.1.0-py3-none-any.whl"]
    key = subprocess.run(
        ["sha256sum"], input=b"".join((source / f).read_bytes() for f in files), capture_output=True, check=True
    )
    (root / "environment/.installed").write_bytes(key.stdout[:64])
    run = "import os, sys; os.environ['GRADESCOPE_ROOT'] = sys.argv[1]; os.execvp('bash', ['bash', sys.argv[2]])"
    done = as_root("-c", run, root, source / "setup.sh")
    assert (done.returncode, done.stdout) == (0, "Everything is installed already.\n")
    done = as_root("-c", run, root, source / "run_autograder")
    assert done.returncode == 0, done.stderr
    assert "Isolation: strict (Landlock, seccomp, resource limits)" in done.stdout
    assert source.stat().st_mode & 0o077 == 0
    found = results_in(root)
    assert found["score"] == 9  # ten points, and ten percent off for a day
    assert "1 of 1 hidden checks pass (0 at your submission before)." in found["output"]
    assert "This is submission 2 of 3 that are graded." in found["output"]


def test_the_extension_of_a_student_moves_the_due_date(tmp_path: Path) -> None:
    from grader.classroom.policy import Policy, Student

    said = metadata(assignment={"due_date": "2026-11-22T23:00:00-08:00"})
    write_files(tmp_path, {"metadata.json": json.dumps(said)})
    policy = read_metadata(tmp_path / "metadata.json").policy(Policy(), {("numbers", "double"): None})
    deadline = policy.deadline(Student("ada@example.org"), "numbers", "double")
    assert (deadline.moved.days, str(deadline.due)) == (2, "2026-11-22 23:00:00-08:00")


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
    tree: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter([0.0, 1000.0])
    monkeypatch.setattr("grader.classroom.autograders.gradescope._user", lambda _: None)
    root = tree({"double.py": RIGHT}, isolation="auto", exercises=["numbers/double", "numbers/twice"], seconds=1)
    monkeypatch.setattr(
        "grader.classroom.autograders.gradescope.time", SimpleNamespace(monotonic=lambda: next(moments))
    )
    said = grade_submission(root)
    found = results_in(root)
    assert "NOT COMPLETE: no time was left for numbers/twice" in said
    assert found["output"].startswith("THIS IS NOT YOUR SCORE YET. 1 exercises are not graded: twice.")
    assert found["extra_data"]["complete"] is False
    assert "score" not in found["tests"][-1]
