"""Examples that students write before the code: read without running them, and tried on right and wrong functions."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch

from grader.course.finding import find_course
from grader.errors import UsageError
from grader.results import Diagnosis
from grader.student_examples.reading import MOST, Example, read_examples
from grader.student_examples.telling import told
from grader.student_examples.trying import Worth, is_as_expected
from helpers.course_factory import make_course, write_files

if TYPE_CHECKING:
    from grader.sandbox.outside.server import Isolation
    from helpers.command import Command, Done


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_course(tmp_path_factory.mktemp("examples") / "course")


def read(course: Path, text: str) -> list[Example]:
    [exercise] = find_course(course).exercises
    return read_examples("double.examples", text, exercise)


# --- reading --------------------------------------------------------------------------------------------------------


def test_examples_are_calls_with_values(course: Path) -> None:
    first, second = read(course, "# by hand\ndouble(2) == 4\n\nassert double(number=-3) == -6  # too\n")
    assert first == Example(2, "double(2) == 4", "double", [2], {}, 4, 1e-4)
    assert (second.line, second.keywords, second.expected) == (4, {"number": -3}, -6)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-1.5", -1.5), ("'a'", "a"), ("[1, (2, None)]", [1, (2, None)]), ("{'a': True}", {"a": True}), ("2 ** 10", 1024),
        ("'\\d'", "\\d"), ("1 / 4 + 3 * 2 - 1", 5.25), ("math.sqrt(2)", math.sqrt(2)), ("-math.inf", -math.inf), ("float('inf')", math.inf),
    ],
)  # fmt: skip
def test_values_are_plain_data(course: Path, text: str, value: object) -> None:
    [example] = read(course, f"double({text}) == {text}")
    assert (example.arguments, example.expected) == ([value], value)


def test_values_may_be_tensors(course: Path) -> None:
    [example] = read(course, "double(torch.ones(2, 3) * 2) == torch.tensor([[1, 2]], dtype=torch.float64)")
    assert torch.equal(example.arguments[0], torch.full((2, 3), 2.0))
    assert torch.equal(example.expected, torch.tensor([[1.0, 2.0]], dtype=torch.float64))


@pytest.mark.parametrize(
    ("text", "tolerance"),
    [
        ("4", 1e-4),
        ("1.0", 1e-4),
        ("0.7", 1e-4),
        ("0.707", 0.0005),
        ("[0.25, 0.7071]", 1e-4),
        ("[0.707, 0.12345]", 0.0005),
        ("1e-3", 1e-4),
        ("1.5e-3", 1e-4),
    ],
)
def test_a_rounded_number_is_meant_as_it_is_rounded(course: Path, text: str, tolerance: float) -> None:
    [example] = read(course, f"double(1) == {text}")
    assert example.tolerance == pytest.approx(tolerance, rel=0.01)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "has no examples"),
        ("double(", "double.examples:1: this cannot be read"),
        ("double(1)", ":1: it is not a call, `==` and a value"),
        ("double(1) < 3", ":1: it is not a call, `==` and a value"),
        ("\n1 == double(1)", ":2: it is not a call, `==` and a value"),
        ("import os", ":1: it is not a call, `==` and a value"),
        ("triple(1) == 3", "`triple` is not a function of this exercise"),
        ("double(open('x')) == 1", "`open('x')` is not a value"),
        ("double(__import__('os')) == 1", "is not a value"),
        ("double(x) == 1", "`x` is not a value"),
        ("double(**{'number': 1}) == 1", "`**` cannot be used"),
        ("double(1) == {**{}}", "`**` cannot be used"),
        ("double(9 ** 9 ** 9) == 1", "too large"),
        ("double(10 ** 60) == 1", "too large"),
        ("double(torch.zeros(10 ** 9)) == 1", "too large"),
        ("double(torch.zeros([100000, 100000])) == 1", "too large"),
        ("double(torch.arange(10 ** 10)) == 1", "too large"),
        ("double(torch.zeros(size=[100000, 100000])) == 1", "too large"),
        ("double(torch.arange(0, 1, 1e-9)) == 1", "too large"),
        ("double(torch.linspace(0, 1, steps=10 ** 9)) == 1", "too large"),
        ("double(torch.eye(n=10 ** 5)) == 1", "too large"),
        ("double(torch.ones(90000, 1) * torch.ones(1, 90000)) == 1", "too large"),
        ("double('a' * 10 ** 9) == 1", "`'a'` is not a number"),
        ("double(torch.tensor('x')) == 1", "write it like"),
        ("double(1 / 0) == 1", "division by zero"),
        ("double(torch.ones(2, device='cuda')) == 1", "`device=` cannot be used"),
        ("double(torch.tensor([1], device='cuda')) == 1", "`device=` cannot be used"),
        ("double(1) == torch.ones(2, device='meta')", "`device=` cannot be used"),
        ("double(" + "[" * 40 + "]" * 40 + ") == 1", "an argument cannot be handed over, since it is nested more than"),
        ("double(b'a') == 1", "is not a value"),
        ("double(1) == 1\n" * (MOST + 1), "100 are enough"),
        ("double(" + "-" * 5000 + "1) == 1", "write"),
    ],
)  # fmt: skip
def test_what_is_no_example_is_a_sentence(course: Path, text: str, sentence: str) -> None:
    with pytest.raises(UsageError) as raised:
        read(course, text)
    assert sentence in str(raised.value)
    assert "double(...) == ..." in str(raised.value) or "enough" in str(raised.value)


@pytest.mark.parametrize(
    ("value", "expected", "tolerance", "same"),
    [
        (4, 4, 1e-4, True), (4.0, 4, 1e-4, False), (True, 1, 1e-4, False), (4, 4.0, 1e-4, True), ("a", "a", 0.0, True),
        (0.70711, 0.707, 5e-4, True), (0.7080, 0.707, 5e-4, False), (torch.tensor(0.5), 0.5, 1e-4, True),
        (torch.tensor([1.0]), torch.tensor([1.00001]), 1e-4, True), (torch.tensor([1.0]), torch.tensor([1.1]), 1e-4, False),
        (torch.tensor([1.0]), torch.tensor([[1.0]]), 1e-4, False), ([1, 2], (1, 2), 0.0, True), ([1], [1, 2], 0.0, False),
        ({"a": [1.0]}, {"a": [1]}, 0.0, False), (math.nan, math.nan, 0.0, True), (math.inf, 1.0, 1e9, False),
        (torch.tensor([math.inf, 1.0]), torch.tensor([math.inf, 1.0]), 1e-4, True), (None, 1.0, 1e-4, False),
        (torch.tensor([1.0, math.inf]), torch.tensor([math.inf, 1.0]), 1e-4, False),
    ],
)  # fmt: skip
def test_values_are_compared_as_they_are_written(value: Any, expected: Any, tolerance: float, same: bool) -> None:
    assert is_as_expected(value, expected, tolerance) is same


# --- trying ---------------------------------------------------------------------------------------------------------


def tried(course: Path, command: Command, isolation: Isolation, examples: str, work: str = "") -> Done:
    write_files(course, {"exercises/numbers/double.examples": examples})
    if work:
        write_files(course.parent, {"work.py": work})
    options = ("--submission", "../work.py") if work else ()
    return command.run("examples", "double", *options, "--isolation", isolation.value, cwd=course)


def test_examples_are_tried_on_right_and_wrong_functions(
    tmp_path: Path, command: Command, isolation: Isolation
) -> None:
    course = make_course(tmp_path / "course")
    done = tried(course, command, isolation, "double(0) == 0\ndouble(5) == 10\n", "def double(n): return n + n\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        "✓ line 1: double(0) == 0\n✓ line 2: double(5) == 10\nThey catch 1 of the 1 mistakes that this course knows.\n"
    )


def test_examples_that_catch_nothing_are_told_so(tmp_path: Path, command: Command, isolation: Isolation) -> None:
    done = tried(
        make_course(tmp_path / "course"), command, isolation, "double(0) == 0\n", "def double(n): return n + n\n"
    )
    assert "They catch 0 of the 1 mistakes" in done.stdout
    assert "Not caught, for one: The number is returned as it is." in done.stdout


def test_a_wrong_example_is_contradicted_and_catches_nothing(
    tmp_path: Path, command: Command, isolation: Isolation
) -> None:
    done = tried(
        make_course(tmp_path / "course"), command, isolation, "double(5) == 25\n", "def double(n): return n * n\n"
    )
    assert done.returncode == 1
    assert done.stdout.startswith("✗ line 1: double(5) == 25\n    A correct solution returns something else")
    assert "10" not in done.stdout  # what a correct solution returns is never said
    assert "They catch 0 of the 1 mistakes" in done.stdout


def test_ones_own_function_may_be_wrong_or_not_written(tmp_path: Path, command: Command, isolation: Isolation) -> None:
    course = make_course(tmp_path / "course")
    done = tried(course, command, isolation, "double(5) == 10\n")
    assert (done.returncode, "is not written yet" in done.stdout) == (1, True)
    done = tried(course, command, isolation, "double(5) == 10\n", "def double(n): return n\n")
    assert "Your function does not: it returns something else." in done.stdout
    done = tried(course, command, isolation, "double(5) == 10\n", "def double(n): raise ValueError('no')\n")
    assert "raised ValueError: no" in done.stdout


def test_a_students_copy_tries_ones_own_function_alone(tmp_path: Path, command: Command, isolation: Isolation) -> None:
    course = make_course(tmp_path / "course", reference=False)
    done = tried(course, command, isolation, "double(5) == 25\n", "def double(n): return 2 * n\n")
    assert done.returncode == 1
    assert done.stdout == "✗ line 1: double(5) == 25\n    Your function does not: it returns something else.\n"


def test_what_cannot_be_tried_is_a_sentence(tmp_path: Path, command: Command) -> None:
    course = make_course(tmp_path / "course")
    missing = command.run("examples", "double", cwd=course).stderr
    assert "There is no " in missing
    assert "double.examples: write it, with lines such as `double(...) == ...`." in missing
    assert command.run("examples", "double", cwd=course).returncode == 2
    assert (
        "name one"
        in command.run(
            "examples",
            "numbers",
            "--file",
            "x",
            cwd=make_course(tmp_path / "two", ["numbers/double", "numbers/twofold"]),
        ).stderr
    )


def test_two_equal_examples_with_tensors_are_told_apart() -> None:
    one, other = (Example(1, "f(torch.ones(2)) == 1", "f", [torch.ones(2)], {}, 1, 1e-4) for _ in range(2))
    said = list(told([one, other], ["", ""], Worth(contradicted=[one])))
    assert [line[:1] for line in said] == ["✗", " ", "✓"]


def test_nothing_is_said_of_mistakes_where_none_are_known() -> None:
    example = Example(1, "double(1) == 2", "double", [1], {}, 2, 1e-4)
    assert list(told([example], [""], Worth())) == ["✓ line 1: double(1) == 2"]
    known = Worth(caught=[Diagnosis("a", "A.", "")])
    assert list(told([example], [""], known))[-1] == "They catch 1 of the 1 mistakes that this course knows."
