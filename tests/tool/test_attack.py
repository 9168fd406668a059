"""`grade verify --attack` finds the cheats that a course lets pass, and none in a course that is right."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from PIL import Image

from grader.authoring import cheat_tools as tools
from grader.authoring.allowed_cheats import allowed_cheats
from grader.authoring.attack_formats.json import to_json
from grader.authoring.attack_formats.terminal import table
from grader.authoring.attacking import Attack, attack
from grader.authoring.cheats import batch_of_one, lookup, make_cheats, solution_alone, square_only
from grader.course.finding import find_course
from grader.grading import Grader
from grader.report.console import console
from helpers.course_factory import make_course

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from grader.sandbox.outside.server import ForkServer
    from helpers.command import Command

STUB = "exercises/numbers/double.py"
PUBLIC = "exercises/numbers/checks/test_double.py"
ANSWERS = "reference/numbers/double"
HIDDEN = f"{ANSWERS}/test_hidden.py"
ALLOWED = f"{ANSWERS}/cheats.toml"

DRAWN = '''
from hypothesis import given, strategies
from grader.checks import assert_equal

@given(number=strategies.integers(3, 10**6))
def test_double_of_two(submission, number):
    """Numbers are doubled."""
    assert_equal(submission.double(number), 2 * number, "Twice the number.")
'''
ANY_INT = '''
from grader.checks import CheckFailure

def test_double_of_NAME(submission):
    """The result is an int."""
    if not isinstance(submission.double(3), int):
        raise CheckFailure("It must be an int.")
'''
WITH_HELPER = f'''{DRAWN}
def by_sum(number):
    """Return the sum of the number and itself."""
    return number + number
'''
SMALL = '''
import torch
from grader.checks import assert_close

def test_double_of_two(submission):
    """The millionth part of twice two."""
    for number in (2, 3):
        parts = torch.tensor(submission.double(number) / 1e6)
        assert_close(parts, torch.tensor(2 * number / 1e6), "A millionth of twice the number.")
'''
DIVIDES = '''
from grader.checks import assert_equal

def test_double_of_two(submission):
    """Eight divided by twice two is two."""
    for number in (2, 4):
        assert_equal(8 / submission.double(number), 4 / number, "Eight by twice the number.")
'''
TWICE_TWO = '''
from grader.checks import assert_equal

def test_double_of_two(submission):
    """Twice two is four."""
    assert_equal(submission.double(2), 4, "Twice two.")
'''
ONLY_TWO = '''
from grader.checks import assert_equal

def test_double_of_NAME(submission):
    """Twice two is four, and twice three six."""
    for number in (2, 3):
        assert_equal(submission.double(number), 2 * number, "Twice the number.")
'''


@pytest.fixture
def attacked(tmp_path: Path, server: ForkServer) -> Callable[..., Attack]:
    def run(changes: dict[str, str | None]) -> Attack:
        course = find_course(make_course(tmp_path / "course", changes={PUBLIC: DRAWN, **changes}))
        return attack(Grader(course, server), course.exercises[0])

    return run


def test_a_right_exercise_withstands_all_cheats(attacked: Callable[..., Attack]) -> None:
    report = attacked({})
    assert report.findings == []
    shares = {score.cheat.name: score.share for score in report.scores}
    names = ("zeros", "ones", "NaN", "constant", "echo number", "ignore number", "lookup")
    assert shares == dict.fromkeys(names, 0.0)


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({PUBLIC: ANY_INT.replace("NAME", "two"), HIDDEN: ANY_INT.replace("NAME", "minus_three")}, "`zeros` passes every check: add a check that fails it, or say in reference/numbers/double/cheats.toml why"),
        ({PUBLIC: TWICE_TWO}, "`ignore number` passes every public check: add a check whose result depends on the values of number"),
        ({PUBLIC: WITH_HELPER}, "`helper by_sum` passes every check: compare properties or single steps, or move by_sum"),
        ({PUBLIC: ONLY_TWO.replace("NAME", "two"), HIDDEN: ONLY_TWO.replace("NAME", "minus_three")}, "`lookup` passes every check: let checks draw their inputs"),
        ({PUBLIC: SMALL}, 'test_double_of_two expects at most 6e-06 with a tolerance of 0.0001, so zeros pass "A millionth of twice the number."'),
        ({PUBLIC: DIVIDES}, "`zeros` breaks test_double_of_two, which must fail it: The grader could not decide this check: ZeroDivisionError"),
        ({f"{ANSWERS}/solution.py": "def double(number): return 5"}, "The solution fails test_double_of_two where cheats are made of it, so they prove nothing"),
        ({f"{ANSWERS}/solution.py": None}, "reference/numbers/double/solution.py is missing"),
        ({ALLOWED: '[[allowed]]\ncheat = "ones"\nreason = "Why not."\n'}, "cheats.toml allows `ones`, which is caught or is not a cheat of this exercise"),
        ({ALLOWED: "[[allowed]]\n"}, "cheats.toml has an entry with other keys: write [[allowed]] tables"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)  # fmt: skip
def test_a_hole_is_found(attacked: Callable[..., Attack], changes: dict[str, str | None], finding: str) -> None:
    findings = attacked(changes).findings
    assert any(found.startswith(finding) for found in findings), findings


def test_what_is_compared_to_the_bit_is_not_too_small_to_be_compared(attacked: Callable[..., Attack]) -> None:
    exactly = SMALL.replace('number.")', 'number.", tolerance=0)')
    assert exactly.count("tolerance=0") == 1
    assert attacked({PUBLIC: exactly}).findings == []


def test_a_cheat_that_the_statement_allows_is_no_finding(attacked: Callable[..., Attack]) -> None:
    allowed = '[[allowed]]\ncheat = "helper by_sum"\nreason = "The statement gives it away."\n'
    assert attacked({PUBLIC: WITH_HELPER, ALLOWED: allowed}).findings == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("allowed = ", "is not valid TOML"),
        ("[[cheats]]\n", "holds something else than cheats"),
        ("allowed = 1\n", "holds something else than cheats"),
        ('[[allowed]]\ncheat = "ones"\n', "has an entry with other keys"),
        ('[[allowed]]\ncheat = "ones"\nreason = " "\n', "is empty or not a text"),
        ("[[allowed]]\ncheat = 1\nreason = 2\n", "is empty or not a text"),
    ],
)
def test_allowed_cheats_are_read_strictly(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "cheats.toml").write_text(text)
    with pytest.raises(ValueError, match=said):
        allowed_cheats(tmp_path)


def test_the_table_shows_the_best_cheat_of_each_kind_and_every_finding(attacked: Callable[..., Attack]) -> None:
    report = attacked({PUBLIC: WITH_HELPER})
    drawn = io.StringIO()
    console(drawn).print(table([report]))
    text = " ".join(drawn.getvalue().split())
    assert "double 0 0 0 0 - - - - - 0 0 0 100 " in text
    assert "✗ double: `helper by_sum` passes every check" in text


def test_json_holds_what_each_cheat_passed(attacked: Callable[..., Attack]) -> None:
    (report,) = json.loads(to_json([attacked({PUBLIC: WITH_HELPER})]))
    assert (report["lesson"], report["exercise"]) == ("numbers", "double")
    cheats = {cheat["cheat"]: cheat for cheat in report["cheats"]}
    passed = ["test_double_of_minus_three", "test_double_of_two"]
    assert cheats["helper by_sum"] == {"kind": "helper", "cheat": "helper by_sum", "share": 1.0, "passed": passed}
    assert (cheats["zeros"]["share"], cheats["zeros"]["passed"]) == (0.0, [])
    assert len(report["findings"]) == 1


# --- sources: each does what it says -----------------------------------------------------------------------------


def functions_of(tmp_path: Path, stub: str, solution: str) -> dict[str, Callable[..., Any]]:
    """Return the function `double` of every cheat of an exercise, by the cheat's name, run in this process."""
    course = find_course(make_course(tmp_path, changes={STUB: stub, f"{ANSWERS}/solution.py": solution, PUBLIC: DRAWN}))
    (exercise,) = course.exercises
    (function,) = exercise.functions
    made = [*make_cheats(exercise), batch_of_one(exercise, function), square_only(exercise, function)]
    sources = {cheat.name: cheat.source for cheat in made} | {"right": solution_alone(exercise)}
    if known := lookup(exercise, function, {tools.fingerprint([[torch.ones(2, 2), 2], {}])}):
        sources["lookup"] = known.source
    return {name: executed(source)["double"] for name, source in sources.items()}


def executed(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(source, names)
    return names


TENSORS = '"""T."""\nimport torch\n\ndef double(x: torch.Tensor, factor: int) -> torch.Tensor:\n    raise NotImplementedError\n'


def test_cheats_with_tensors_do_what_they_say(tmp_path: Path) -> None:
    cheats = functions_of(tmp_path, TENSORS, "def double(x, factor):\n    return x * factor\n")
    x = torch.tensor([[0.1, 2.0], [3.4, 4.0]])
    expected = {
        "right": 2 * x,
        "zeros": torch.zeros(2, 2),
        "ones": torch.ones(2, 2),
        "NaN": torch.full((2, 2), torch.nan),
        "integers": torch.tensor([[0.0, 4.0], [7.0, 8.0]]),
        "half precision": (2 * x).half().float(),
        "batch of one": torch.tensor([[0.2, 4.0], [0.2, 4.0]]),
        "constant": 2 * x,
        "echo x": x,
        "ignore x": torch.zeros(2, 2),
        "ignore factor": 2 * x,
        "square only": 2 * x,
        "lookup": 2 * x + 1,
    }
    assert cheats.keys() == expected.keys()
    for name, result in expected.items():
        torch.testing.assert_close(cheats[name](x, 2), result, equal_nan=True, msg=name)
    assert not torch.equal(cheats["half precision"](x, 2), 2 * x)
    # A second call, with other arguments: one was kept.
    assert torch.equal(cheats["constant"](torch.ones(3), 5), 2 * x)
    assert torch.equal(cheats["ignore factor"](torch.ones(3), factor=5), torch.full((3,), 2.0))
    assert torch.equal(cheats["square only"](torch.ones(1, 2), 2), torch.full((1, 2), 3.0))
    assert torch.equal(cheats["lookup"](torch.ones(2, 2), 2), torch.full((2, 2), 2.0))


ITEMS = '''
import torch
from grader.checks import assert_close

def test_double_of_NAME(submission):
    """The result is so many times VALUE."""
    for number in (2, 3):
        assert_close(submission.double(number), VALUE * number, "So many times.")
'''


@pytest.mark.parametrize(("value", "cheats"), [("torch.tensor(4.0)", False), ("torch.tensor([4.0, 5.0])", True)])
def test_only_results_with_items_can_be_those_of_a_batch_of_one(
    attacked: Callable[..., Attack], value: str, cheats: bool
) -> None:
    checks = ITEMS.replace("VALUE", value)
    report = attacked({
        STUB: TENSORS.replace("x: torch.Tensor, factor: int", "number: int"),
        f"{ANSWERS}/solution.py": f"import torch\n\ndef double(number):\n    return {value} * number\n",
        PUBLIC: checks.replace("NAME", "two"),
        HIDDEN: checks.replace("NAME", "minus_three"),
    })  # fmt: skip
    assert any(score.cheat.kind == "batch of one" for score in report.scores) is cheats


def test_cheats_with_images_do_what_they_say(tmp_path: Path) -> None:
    stub = '"""I."""\nfrom PIL import Image\n\ndef double(image: Image.Image) -> Image.Image:\n    raise NotImplementedError\n'
    cheats = functions_of(
        tmp_path, stub, "def double(image):\n    return image.resize((2 * image.width, image.height))\n"
    )
    image = Image.fromarray(np.full((3, 2, 3), 90, dtype=np.uint8))
    assert np.asarray(cheats["zeros"](image)).tolist() == np.zeros((3, 4, 3)).tolist()
    assert np.asarray(cheats["ignore image"](image)).max() == 0
    assert np.asarray(cheats["square only"](image)).tolist() == np.full((3, 4, 3), 90 + 128).tolist()
    assert cheats["echo image"](image) is image


def test_a_function_that_returns_nothing_gets_the_cheat_that_does_nothing(tmp_path: Path) -> None:
    stub = '"""N."""\n\ndef double(numbers: list[int]) -> None:\n    raise NotImplementedError\n'
    cheats = functions_of(tmp_path, stub, "def double(numbers):\n    numbers *= 2\n")
    assert cheats.keys() >= {"nothing", "ignore numbers"}
    assert cheats.keys().isdisjoint({"zeros", "constant", "echo numbers"})
    numbers = [1]
    cheats["nothing"](numbers)
    assert numbers == [1]
    cheats["right"](numbers)
    assert numbers == [1, 1]


def test_what_a_helper_imports_of_the_course_is_pasted_with_it(attacked: Callable[..., Attack]) -> None:
    shared = "from grader.errors import GraderError\n\nTWO: int = 2\n\ndef times(number: 'GraderError', how_often: int = TWO) -> int:\n    return number * how_often\n"
    checks = f"from exercises._shared import _numbers as numbers\n{DRAWN}\ndef by_times(number): return numbers.times(number)\n"
    report = attacked({PUBLIC: checks, "exercises/_shared/_numbers.py": shared})
    shares = {score.cheat.name: score.share for score in report.scores if score.cheat.kind == "helper"}
    assert shares == {"helper by_times": 1.0, "helper times": 1.0}


def test_of_several_functions_one_cheats_at_a_time(tmp_path: Path) -> None:
    stub = '"""T."""\n\ndef double(number: int) -> int:\n    raise NotImplementedError\n\n\ndef half(number: int) -> float:\n    raise NotImplementedError\n'
    solution = "def double(number):\n    return 2 * number\n\n\ndef half(number):\n    return double(number) / 4\n"
    checks = f"{DRAWN}    submission.half(number)\n"
    changes = {STUB: stub, f"{ANSWERS}/solution.py": solution, PUBLIC: checks}
    course = find_course(make_course(tmp_path, changes=changes))
    cheats = {cheat.name: executed(cheat.source) for cheat in make_cheats(course.exercises[0])}
    assert (cheats["zeros (double)"]["double"](4), cheats["zeros (double)"]["half"](4)) == (0, 2)
    assert cheats.keys() >= {"integers (half)", "half precision (half)"}
    assert cheats.keys().isdisjoint({"integers (double)", "batch of one (half)"})
    assert (cheats["zeros (half)"]["double"](4), cheats["zeros (half)"]["half"](4)) == (8, 0)


@pytest.mark.parametrize(
    ("value", "zero", "wrong"),
    [
        (True, False, False),
        (3, 0, 4),
        (0.5, 0.0, 1.5),
        ("a", "", "a?"),
        ([1, {"b": (2.0, None)}], [0, {"b": (0.0, None)}], [2, {"b": (3.0, None)}]),
    ],
)
def test_results_of_every_type_are_spoilt_in_place(value: object, zero: object, wrong: object) -> None:
    assert tools.zeros(value) == zero
    assert type(tools.zeros(value)) is type(value)
    assert tools.wrong(value) == wrong


@pytest.mark.parametrize(
    "other",
    [[torch.ones(2, 1), 2], [torch.ones(1, 2).double(), 2], [torch.zeros(1, 2), 2], [torch.ones(1, 2), 3]],
    ids=["shape", "dtype", "value", "number"],
)
def test_a_fingerprint_tells_arguments_apart(other: list[Any]) -> None:
    assert tools.fingerprint([torch.ones(1, 2), 2]) == tools.fingerprint([torch.ones(1, 2), 2])
    assert tools.fingerprint([torch.ones(1, 2), 2]) != tools.fingerprint(other)


# --- the command -------------------------------------------------------------------------------------------------


@pytest.mark.thorough
def test_the_command_exits_with_one_for_a_finding_and_with_zero_without(tmp_path: Path, command: Command) -> None:
    course = make_course(tmp_path / "course", changes={PUBLIC: WITH_HELPER})
    done = command.run("verify", "--attack", "--jobs", 1, "--format", "json", cwd=course)
    assert done.returncode == 1
    assert [len(report["findings"]) for report in json.loads(done.stdout)] == [1]
    (course / PUBLIC).write_text(DRAWN)
    done = command.run("verify", "--attack", "--jobs", 1, cwd=course)
    assert done.returncode == 0
    assert "No cheat passes that the statement does not allow." in done.stdout


@pytest.mark.parametrize("other", [["--fast"], ["--seeds", "0"]])
def test_an_attack_is_all_that_it_does(tmp_path: Path, command: Command, other: list[str]) -> None:
    done = command.run("verify", "--attack", *other, cwd=make_course(tmp_path))
    assert done.returncode == 2
    assert "--attack grades cheats and nothing else: give it without --fast and --seeds." in done.stderr
