"""What is said of `--cluster` before any cluster is there, and how two machines are compared."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from grader.classroom.cluster import likeness as module
from grader.classroom.cluster.client import runner_on
from grader.classroom.cluster.likeness import difference, likeness
from grader.course.finding import find_course
from grader.errors import UsageError
from grader.jobs import run_jobs
from grader.version import __version__
from helpers.course_factory import make_course

pytestmark = pytest.mark.light
HIDDEN = "reference/numbers/double/test_hidden.py"
OURS = {"Python": "3.11", "torch": "2.13.0", "grader": f"{__version__} f00", "numbers/double (checks)": "abc"}


@pytest.mark.parametrize(
    ("theirs", "said"),
    [
        ({}, ""),
        ({"torch": "2.12.0"}, "torch is 2.12.0 there and 2.13.0 here: install the same and start the worker again."),
        ({"grader": f"{__version__} ba4"}, "The grader is another version there: install the same one and start the worker again."),
        (
            {"numbers/double (checks)": "xyz"},
            "numbers/double (checks) differs there: bring the course up to date and run the command again.",
        ),
        ({"Python": "3.12", "grader": f"{__version__} ba4", "numbers/double (checks)": "xyz"},
         "Python is 3.12 there and 3.11 here: install the same and start the worker again."),
    ],
)  # fmt: skip
def test_the_first_difference_is_said_with_what_to_do(theirs: dict[str, str], said: str) -> None:
    assert difference(OURS, OURS | theirs) == said


@pytest.fixture
def _without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LIBRARIES", ("hypothesis",))


def changed(root: Path, path: str, before: str, after: str) -> str:
    """Return in which way a course differs from a copy of it in which a text is replaced."""
    ours, theirs = (find_course(make_course(root / name)) for name in ("ours", "theirs"))
    text = (theirs.root / path).read_text()
    assert before in text
    (theirs.root / path).write_text(text.replace(before, after))
    return difference(likeness(ours, ["numbers/double"]), likeness(theirs, ["numbers/double"]))


@pytest.mark.usefixtures("_without_torch")
def test_a_copy_of_a_course_is_alike_until_a_mark_could_be_another_one(tmp_path: Path) -> None:
    assert changed(tmp_path, HIDDEN, '"""Negative numbers are doubled too."""', '"""Below zero, too."""') == ""
    assert "numbers/double" in changed(tmp_path, HIDDEN, "-3", "-5")


def test_without_a_cluster_this_machine_does_it() -> None:
    with runner_on(None, 3) as run:
        assert run is run_jobs


def test_how_many_workers_somebody_elses_cluster_has_is_not_ours_to_say() -> None:
    with pytest.raises(UsageError, match="leave it out with --cluster ADDRESS"), runner_on("tcp://10.0.0.5:8786", 2):
        pass


@pytest.mark.parametrize("missing", ["cryptography", "distributed"])
def test_what_is_missing_of_the_extra_is_said_with_it(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(UsageError, match=r"pip install .*\[cluster\]"), runner_on("local", 1):
        pass


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://somewhere", "tls://127.0.0.1:1"])
def test_an_address_where_no_scheduler_is_is_one_sentence(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.classroom.cluster.connecting.CONNECT_SECONDS", 0.2)
    with (
        pytest.raises(UsageError, match=f"No scheduler can be reached at {address} ") as refused,
        runner_on(address, None),
    ):
        pass
    assert "\n" not in str(refused.value)
