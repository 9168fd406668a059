"""A course's workbench: recipes and readers of its own, graded without a change to the tool."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
import numpy.typing as npt
import pytest
import torch

import grader
from grader import edition, fingerprint
from grader.authoring.changed import changed_exercises
from grader.course.finding import find_course
from grader.course.model import Function
from grader.grading import Grader
from grader.results import Outcome
from grader.sandbox.inside.worker import _Objects
from grader.sandbox.outside.answer_types import type_test
from grader.sandbox.outside.remote import RemoteSubmission
from grader.sandbox.outside.server import ForkServer, Isolation
from grader.sandbox.outside.session import Session
from grader.sandbox.wire.handles import Handle
from grader.sandbox.wire.messages import Call
from grader.sandbox.workbench import Workbench
from grader.submission.reading import read_submission
from helpers.course_factory import make_course, write_files
from helpers.equipment import BENCH
from helpers.patience import PLENTY

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpers.command import Command

# A course on anything at all: jars, into which marbles are put.
WORKBENCH = '''"""Jars."""

from grader.sandbox.workbench import Reader, Workbench


class Jar:
    """Holds marbles by their weight."""

    def __init__(self, weights):
        self.weights = list(weights)

    def put(self, weight):
        """Put a marble into the jar."""
        self.weights.append(weight)


def weights(jar):
    """Return the weights of the marbles in a jar."""
    return jar.weights


WORKBENCH = Workbench(recipes={"jar": Jar}, readers={"weights": Reader(weights, returns=list[int])})
'''
CHECK = '''from grader.checks import assert_equal
from grader.sandbox.wire.handles import Handle


def test_double_of_two(submission):
    """A marble of twice the weight is put into the jar."""
    jar = Handle("jar", {"weights": [1]})
    submission.double(jar, 2)
    assert_equal(submission.read.weights(jar), [1, 4], "A marble of weight 4 must lie in the jar, after the first.")
'''
FILES = {
    "exercises/_workbench.py": WORKBENCH,
    "exercises/jars/double.py": '"""Jars."""\n\n\ndef double(jar, weight):\n    """Put in."""\n    raise NotImplementedError\n',
    "exercises/jars/checks/test_double.py": CHECK,
    "reference/jars/double/test_hidden.py": None,
    "reference/jars/double/solution.py": "def double(jar, weight): jar.put(2 * weight)\n",
    "rubrics/jars.toml": """schema = "grader.rubric/1"
title = "Jars"
points = 4

[exercises.double]
points = 4

[[exercises.double.criteria]]
title = "In the jar"
points = 4
visibility = "public"
checks = ["test_double_of_two"]
""",
}


def make_jars(root: Path, **changes: str) -> Path:
    return make_course(
        root, ["jars/double"], {**FILES, **{f"exercises/{name}.py": text for name, text in changes.items()}}
    )


@pytest.fixture
def grade_jars(tmp_path: Path, server: ForkServer) -> Callable[[str], Any]:
    def grade(source: str) -> Any:
        course = find_course(make_jars(tmp_path / "course"))
        write_files(tmp_path, {"work.py": source})
        verdict = Grader(course, server, call_seconds=PLENTY).grade(
            read_submission(tmp_path / "work.py"), course.exercises
        )
        return verdict.exercises[0].checks[0]

    return grade


@pytest.mark.parametrize(
    ("body", "outcome"),
    [("jar.put(2 * weight)", Outcome.PASSED), ("jar.put(weight)", Outcome.FAILED), ("jar.lid", Outcome.FAILED)],
)
def test_a_course_is_graded_with_recipes_and_readers_of_its_own(
    grade_jars: Callable[[str], Any], body: str, outcome: Outcome
) -> None:
    assert grade_jars(f"def double(jar, weight): {body}").outcome is outcome


@pytest.mark.parametrize(
    "junk", ["None", "True", "7", "'x'", "{}", "{'a': [1]}", "['1']", "[[1]]", "[True]", "[1.0]", "object()"]
)
def test_junk_in_the_place_of_a_readers_answer_fails_the_check(grade_jars: Callable[[str], Any], junk: str) -> None:
    check = grade_jars(f"def double(jar, weight): jar.weights = {junk}")
    assert (check.outcome, check.message) == (
        Outcome.FAILED,
        "What `weights` should show of an object cannot be read any more.",
    )


# --- the file decides a result ---


def test_the_workbench_is_a_source_of_every_exercise(tmp_path: Path) -> None:
    root = make_jars(tmp_path)
    [exercise] = find_course(root).exercises
    assert root / "exercises" / "_workbench.py" in exercise.sources
    before = fingerprint.parts_of_exercise(exercise), fingerprint.of_mistakes(exercise)
    write_files(root, {"exercises/_workbench.py": WORKBENCH + "CHANGED = 1\n"})
    after = fingerprint.parts_of_exercise(exercise), fingerprint.of_mistakes(exercise)
    assert before[0] != after[0]
    assert before[1] != after[1]


def test_students_get_the_workbench(tmp_path: Path) -> None:
    course = find_course(make_jars(tmp_path))
    assert edition.files(course, edition.COURSE, mistakes=False)["exercises/_workbench.py"] == WORKBENCH.encode()


def test_a_changed_workbench_changes_every_exercise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = find_course(make_jars(tmp_path))
    monkeypatch.setattr("grader.authoring.changed._git", lambda *_: ["exercises/_workbench.py"])
    assert changed_exercises(course, course.exercises, "HEAD") == course.exercises


def test_a_workbench_that_was_changed_is_used_at_once(tmp_path: Path, server: ForkServer) -> None:
    course = find_course(make_jars(tmp_path / "course"))
    grader = Grader(course, server, call_seconds=PLENTY)
    write_files(tmp_path, {"work.py": "def double(jar, weight): jar.put(2 * weight)"})
    submission = read_submission(tmp_path / "work.py")
    outcomes = []
    for text in (WORKBENCH, WORKBENCH.replace("list(weights)", "[]")):
        write_files(course.root, {"exercises/_workbench.py": text})
        outcomes.append(grader.grade(submission, course.exercises).outcome)
    assert outcomes == [Outcome.PASSED, Outcome.FAILED]


# --- what is wrong with a workbench ---


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def", "SyntaxError: invalid syntax"),
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'."),
        ("", "TypeError: exercises/_workbench.py defines no WORKBENCH, a value of type Workbench."),
        (WORKBENCH.replace("list[int]", "set[int]"), "TypeError: a reader cannot promise set[int]: see "),
    ],
    ids=["syntax", "import", "nothing", "promise"],
)
def test_a_workbench_that_cannot_be_used_is_the_authors_to_correct(
    text: str, said: str, tmp_path: Path, command: Command
) -> None:
    root = make_jars(tmp_path / "course", _workbench=text)
    done = command.run("double", cwd=root)
    assert done.returncode == 2
    assert done.stderr.startswith(f"grade: exercises/_workbench.py cannot be used: {said}")
    assert done.stderr.endswith("Correct it.\n")


def test_a_course_without_a_workbench_reads_files_alone(server: ForkServer) -> None:
    session = Session(
        server, {"work.py": "def answer(): open('a', 'w').write('b')"}, {"answer": "work.py"}, call_seconds=PLENTY
    )
    remote = RemoteSubmission(session, (Function("answer", (), "None", "def answer()"),))
    remote.answer()
    assert remote.read.file("a").tobytes() == b"b"
    with pytest.raises(AttributeError, match="There is no reader `calls`, only: file"):
        remote.read.calls(1)
    session.close()


def test_exercises_without_a_model_do_not_wait_for_diffusers() -> None:
    with ForkServer(Isolation.AUTO, BENCH) as own:
        source = "import sys\ndef answer(): return 'diffusers' in sys.modules"
        session = Session(own, {"work.py": source}, {"answer": "work.py"}, call_seconds=PLENTY, equipment=BENCH)
        assert session.call("answer", (), {}).result is False


@pytest.mark.parametrize(("many_copies", "kept"), [(True, [["network"], ["network"]]), (False, [])])
def test_networks_alone_are_put_away_and_only_among_many_copies(many_copies: bool, kept: list[list[str]]) -> None:
    """An example without a network must not make a course load what networks need."""
    put: list[list[str]] = []
    made = {"network": lambda: torch.nn.Linear(1, 1), "number": lambda: 1}
    bench = Workbench(
        recipes=made,
        put_away=lambda found: put.append(["network" for each in found if isinstance(each, torch.nn.Module)]),
    )
    objects = _Objects(bench)
    objects.given_again = many_copies
    for example in (["number"], ["number", "network"], ["network"], [], ["number"], []):
        objects.prepare(Call(1, "f", [], {}, 0, False, 1.0, 1.0))
        for name in example:
            objects.resolve(Handle(name, {}), name.encode())
    assert put == kept


def test_the_boundary_names_no_model_and_no_course() -> None:
    package = Path(grader.__file__).parent
    named = {
        path.name
        for path in (package / "sandbox").rglob("*.py")
        if any(word in path.read_text() for word in ("grader.workbench", "grader.diffusion", "unet"))
    }
    assert named == set()


# --- types of answers ---


class Entry(TypedDict):
    number: int


class MoreEntry(Entry, total=False):
    text: str | None


@pytest.mark.parametrize(
    ("wanted", "fits", "does_not"),
    [
        (None, [None], [0, "", []]),
        (bool, [True], [1, None]),
        (int, [1], [True, 1.0, "1"]),
        (float, [1.0, float("nan")], [1, True]),
        (str, ["x"], [b"x", None]),
        (torch.Tensor, [torch.ones(1), torch.nn.Parameter(torch.ones(1))], [np.ones(1), [1.0]]),
        (npt.NDArray[np.uint8], [np.ones(1, np.uint8)], [np.ones(1), torch.ones(1, dtype=torch.uint8)]),
        (npt.NDArray[np.uint8] | None, [np.ones(1, np.uint8), None], [np.ones(1), 0]),
        (list[int | None], [[], [1, None]], [(1,), [1.5], None]),
        (list[list[int]], [[], [[]], [[1]]], [[1], [["x"]]]),
        (dict[str, torch.Tensor], [{}, {"a": torch.ones(1)}], [{1: torch.ones(1)}, {"a": 1}, [], None]),
        (tuple[int, str], [(1, "x")], [(1,), (1, "x", 2), [1, "x"], ("x", 1)]),
        (tuple[int, ...], [(), (1, 2)], [(1, "x"), [1]]),
        (MoreEntry, [{"number": 1}, {"number": 1, "text": None}], [{}, {"number": "1"}, {"number": 1, "more": 1}, []]),
    ],
    ids=str,
)
def test_a_value_is_of_a_type_down_to_its_leaves(wanted: Any, fits: list[Any], does_not: list[Any]) -> None:
    test = type_test(wanted)
    assert [value for value in fits if not test(value)] == []
    assert [value for value in does_not if test(value)] == []


@pytest.mark.parametrize("wanted", [Any, object, set[int], list[Any], dict[str, object], "list[int]", json.JSONDecoder])
def test_what_cannot_be_checked_cannot_be_promised(wanted: Any) -> None:
    with pytest.raises(TypeError, match="a reader cannot promise"):
        type_test(wanted)
