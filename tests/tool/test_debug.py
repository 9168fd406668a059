"""`grade debug NAME`: the smallest failing input as a script that runs in the student's own Python."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import torch
from PIL import Image

from grader.course.finding import find_course
from grader.desk.debug_script import script
from grader.grading import Grader
from grader.plugin.recorder import Example
from grader.results import CheckResult, Outcome
from grader.sandbox.outside.transcript import CallRecord, Question
from grader.sandbox.wire import frames, messages, values
from grader.sandbox.wire.handles import Handle
from grader.submission.reading import read_submission
from helpers.course_factory import make_course

if TYPE_CHECKING:
    from pathlib import Path

    from grader.sandbox.outside.server import ForkServer
    from helpers.command import Command

STUB = "exercises/numbers/double.py"
CHECK = CheckResult("test_it", "It is so.", "public", Outcome.FAILED, "No.", 0.0, None, ())


def asked(*arguments: Any, function: str = "double", result: Any = None) -> CallRecord:
    encoder = values.Encoder()
    trees = [encoder.tree(value) for value in arguments]
    call = messages.Call(
        number=1, function=function, arguments=trees, keywords={}, seed=3, return_arguments=False, backward=False,
        reader=False, cpu_seconds=1, wall_seconds=1,
    )  # fmt: skip
    return CallRecord(Question(call, frames.encode_frame(call, encoder.buffers)), result)


def ran(folder: Path, code: str, example: Example, changes: dict[str, Any] | None = None) -> str:
    """Return what the script of an example prints, with this code in the student's file."""
    exercise = find_course(make_course(folder / "course", changes=changes)).exercises[0]
    file = folder / "work.py"
    file.write_text(code)
    for name, content in script(exercise, CHECK, example, file=file, new_for_every_call=set()).items():
        (folder / name).write_bytes(content)
    done = subprocess.run(
        [sys.executable, str(folder / "double.py")], capture_output=True, text=True, check=False, cwd=folder.parent
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_script_runs_the_failing_input(tmp_path: Path, command: Command) -> None:
    course = make_course(tmp_path / "course", changes={STUB: "def double(number): return number + 1"})
    done = command.run("debug", "double", cwd=course)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Twice two is four." in done.stdout
    place = course / ".grade" / "debug" / "double.py"
    assert f"python {place}" in done.stdout
    ran = subprocess.run([sys.executable, str(place)], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ran.stdout.splitlines() == ["yours: 3", "expected: 4"], ran.stderr


def test_the_script_runs_what_is_in_the_file_now(tmp_path: Path, command: Command) -> None:
    course = make_course(tmp_path / "course", changes={STUB: "def double(number): return number + 1"})
    assert command.run("debug", "double", cwd=course).returncode == 0
    (course / STUB).write_text("def double(number): return 2 * number")
    place = course / ".grade" / "debug" / "double.py"
    ran = subprocess.run([sys.executable, str(place)], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines() == ["yours: 4", "expected: 4"]


@pytest.mark.parametrize(
    ("code", "arguments", "sentence"),
    [
        ("def double(number): return 2 * number", ["double"], "double: all checks pass"),
        ("def double(number) return 1", ["double"], "syntax error"),
        ("def double(number): return 1", ["numbers"], "`numbers` is a lesson"),
        ("def double(number): return 1", ["double", "7"], "double has no check `7`: give a number from 1 to 2"),
    ],
)
def test_where_there_is_nothing_to_repeat_a_sentence_says_why(
    tmp_path: Path, command: Command, code: str, arguments: list[str], sentence: str
) -> None:
    course = make_course(tmp_path / "course", ("numbers/double", "numbers/triple"), changes={STUB: code})
    done = command.run("debug", *arguments, cwd=course)
    assert done.returncode == 2
    assert sentence in done.stderr


def test_a_check_is_chosen_by_number_and_code_taken_from_a_notebook(tmp_path: Path, command: Command) -> None:
    import nbformat

    cell = nbformat.v4.new_code_cell("def double(number): return number + 2")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "work.ipynb")
    course = make_course(tmp_path / "course")
    done = command.run("debug", "double", "2", "--submission", "../work.ipynb", cwd=course)
    assert done.returncode == 0, done.stderr
    place = course / ".grade" / "debug" / "double.py"
    ran = subprocess.run([sys.executable, str(place)], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines() == ["yours: -1", "expected: -6"]


def test_every_kind_of_value_arrives_as_it_was(tmp_path: Path) -> None:
    large = torch.randn(3, 20, dtype=torch.float64)
    picture = Image.new("RGB", (3, 2), (1, 2, 3))
    parameter = torch.nn.Parameter(torch.tensor([0.1, float("nan")]))
    given = [large, [parameter, (1,)], {"a": picture}, float("inf"), torch.tensor(True), torch.empty(0, 2)]
    code = """
import torch
def double(large, pair, named, inf, flag, empty):
    print(large.dtype, list(large.shape), float(large.sum()))
    print(type(pair[0]).__name__, pair[0].tolist(), pair[1], named["a"].getpixel((1, 1)), inf, flag, list(empty.shape))
    return large * 2
"""
    lines = ran(tmp_path, code, Example([asked(*given, result=large)], (large, large), ())).splitlines()
    assert lines[0] == f"torch.float64 [3, 20] {float(large.sum())}"
    assert lines[1] == "Parameter [0.10000000149011612, nan] (1,) (1, 2, 3) inf tensor(True) [0, 2]"
    assert float(lines[-1].partition(": ")[2]) == pytest.approx(float(large.abs().max()))


def test_a_second_call_is_told_apart_and_repeats_only_what_changed(tmp_path: Path) -> None:
    first, second = asked(torch.tensor([0.3]), result=1), asked(torch.tensor([0.4]), result=2)
    course = find_course(make_course(tmp_path / "course"))
    made = script(
        course.exercises[0], CHECK, Example([first, first, second], (2, 3), ()), file=tmp_path / "w.py",
        new_for_every_call=set(),
    )["double.py"].decode()  # fmt: skip
    assert made.count("number = ") == 2
    assert "number = torch.tensor([0.3])" in made
    assert 'print("call 3:", result_3)' in made


def test_objects_of_the_course_are_built_as_in_grading(tmp_path: Path) -> None:
    workbench = """
from grader.sandbox.workbench import Workbench
WORKBENCH = Workbench(load_model=lambda: print("loaded"), to_device=None, recipes={"thing": lambda size: f"thing {size}"})
"""
    example = Example([asked(Handle("thing", {"size": 3}))], None, ())
    said = ran(tmp_path, "def double(thing): return thing", example, {"exercises/_workbench.py": workbench})
    assert said.splitlines() == ["loaded", "yours: thing 3"]


def test_what_is_debugged_is_ranked_as_in_the_verdict(tmp_path: Path, server: ForkServer) -> None:
    """By the mistakes behind the checks, too: without their names another check would come first."""
    course = find_course(make_course(tmp_path / "course"))
    (tmp_path / "work.py").write_text("def double(number):\n    return number\n")
    grader, work = Grader(course, server), read_submission(tmp_path / "work.py")
    result, examples = grader.failing_examples(work, course.exercises[0])
    [shown] = grader.grade(work, course.exercises).exercises
    assert [check.diagnosis for check in result.checks] == [check.diagnosis for check in shown.checks]
    assert [len(check.diagnosis) for check in result.checks] == [1, 1]
    assert set(examples) == {"test_double_of_two", "test_double_of_minus_three"}
