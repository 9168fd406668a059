"""What decides a result changes its fingerprint, and nothing else does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import grimp
import pytest

from grader import fingerprint
from grader.course.finding import find_course
from helpers.course_factory import make_course, write_files

if TYPE_CHECKING:
    from grader.course.model import Exercise


def exercise_in(root: Path) -> Exercise:
    [exercise] = find_course(root).exercises
    return exercise


@pytest.mark.parametrize(
    "path",
    [
        "exercises/numbers/double.py", "exercises/numbers/checks/test_double.py", "rubrics/numbers.toml",
        *(f"reference/numbers/double/{name}" for name in ("solution.py", "test_hidden.py", "wrong/unchanged.py", "accepted/sum.py")),
    ],
)  # fmt: skip
def test_each_of_its_files_decides(tmp_path: Path, path: str) -> None:
    root = make_course(tmp_path)
    before = fingerprint.parts_of_exercise(exercise_in(root))
    more = "\ncall_seconds = 3.0\n" if path.endswith(".toml") else "\nMORE = 1\n"
    text = (root / path).read_text()
    (root / path).write_text(
        text.replace("\npoints = 10\n", f"\npoints = 10{more}") if ".toml" in path else text + more
    )
    assert fingerprint.parts_of_exercise(exercise_in(root)) != before


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("rubrics/numbers.toml", 'title = "Small numbers"', 'title = "Numbers below ten"'),
        ("exercises/numbers/double.py", '"""Return twice `number`."""', '"""Return the double of `number`, an int."""'),
        (
            "exercises/numbers/checks/test_double.py",
            '"""Twice two is four."""',
            '"""Two, doubled, is four."""  # so it is',
        ),
        (
            "reference/numbers/double/wrong/unchanged.py",
            "The number is returned as it is.",
            "The number stays as it is.",
        ),
    ],
    ids=["a title", "a statement", "a check's heading", "an explanation"],
)
def test_what_only_people_read_does_not_decide(tmp_path: Path, path: str, old: str, new: str) -> None:
    root = make_course(tmp_path)
    before = fingerprint.parts_of_exercise(exercise_in(root))
    text = (root / path).read_text()
    assert old in text
    (root / path).write_text(text.replace(old, new))
    assert fingerprint.parts_of_exercise(exercise_in(root)) == before


@pytest.mark.parametrize(
    ("old", "new"), [("points = 4", "points = 3"), ('"public"', '"hidden"'), ("test_double_of_two", "x")]
)
def test_the_rules_of_a_rubric_decide(tmp_path: Path, old: str, new: str) -> None:
    root = make_course(tmp_path)
    before = fingerprint.parts_of_exercise(exercise_in(root))
    rubric = root / "rubrics/numbers.toml"
    rubric.write_text(rubric.read_text().replace(old, new, 1))
    assert fingerprint.parts_of_exercise(exercise_in(root)) != before


def test_the_rubric_of_another_exercise_does_not_decide(tmp_path: Path) -> None:
    root = make_course(tmp_path, ["numbers/double", "numbers/twice"])
    [double, _] = find_course(root).exercises
    before = fingerprint.parts_of_exercise(double)
    rubric = root / "rubrics/numbers.toml"
    head, mark, rest = rubric.read_text().partition("[exercises.twice]")
    rubric.write_text(head + mark + rest.replace("points = 4", "points = 3"))
    assert fingerprint.parts_of_exercise(double) == before


def test_a_lessons_page_does_not_decide(tmp_path: Path) -> None:
    root = make_course(tmp_path)
    before = fingerprint.parts_of_exercise(exercise_in(root))
    write_files(root, {"exercises/numbers/README.md": "# Numbers\n"})
    assert fingerprint.parts_of_exercise(exercise_in(root)) == before


def test_the_place_of_the_course_does_not_decide(tmp_path: Path) -> None:
    one, other = (exercise_in(make_course(tmp_path / name)) for name in ("one", "other"))
    assert fingerprint.parts_of_exercise(one) == fingerprint.parts_of_exercise(other)


def test_the_deciding_rooms_are_all_that_grading_runs_through() -> None:
    graph = grimp.build_graph("grader")
    graph.remove_import(importer="grader", imported="grader.notebook.extension")  # only in a notebook, when called
    start = {
        "grader.grading",
        "grader.sandbox.inside.zygote",
        "grader.sandbox.inside.worker",
        "grader.sandbox.workbench",
        "grader.workbench.readers",
        "grader.workbench.recipes",
        "grader.diffusion.loading",
    }
    start |= {"grader.plugin", *graph.find_descendants("grader.plugin")}
    reached = set().union(*(graph.find_upstream_modules(module) for module in start)) | start
    rooms = {module.split(".")[1] for module in reached if "." in module}
    assert rooms <= set(fingerprint.DECIDING), "add to fingerprint.DECIDING what a change of a mark may come from"
    package = Path(fingerprint.__file__).parent
    assert all((package / name).is_dir() or (package / f"{name}.py").is_file() for name in fingerprint.DECIDING)


def test_the_models_weights_decide_where_a_check_uses_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = 'def test_double_of_two(submission, sd):\n    """Two."""\n    submission.double(2)\n'
    on_model = exercise_in(make_course(tmp_path / "a", changes={"exercises/numbers/checks/test_double.py": check}))
    without = exercise_in(make_course(tmp_path / "b"))
    before = fingerprint.parts_of_exercise(on_model), fingerprint.parts_of_exercise(without)
    monkeypatch.setattr(fingerprint, "_of_weights", lambda: "other weights")
    assert fingerprint.parts_of_exercise(on_model) != before[0]
    assert fingerprint.parts_of_exercise(without) == before[1]
