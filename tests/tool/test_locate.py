"""`grade locate NAME`: the place of a mistake is named, never what would be right, and only where there is one."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import bench_locate
from grader import edition
from grader.course.finding import find_course
from grader.course.rubric_reading import load_rubrics
from grader.desk.locating import find_place
from grader.desk.request import Request
from grader.errors import UsageError
from grader.grading import Conditions, Grader, warm_grader
from grader.locating.located import Located, in_words
from grader.locating.places import region
from grader.locating.search import locate
from grader.mutation.repair_operators import TERM
from grader.mutation.repairs import Span, repairs
from grader.sandbox.outside.reader import read_code_cells, read_handin
from grader.sandbox.outside.server import Isolation
from helpers.course_factory import make_course

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.sandbox.outside.server import ForkServer
    from helpers.command import Command

STUB, CHECKS = "exercises/numbers/double.py", "exercises/numbers/checks/test_double.py"
SHOWN = """
from grader.checks import assert_equal

NUMBERS = ((3.0, 1.0), (-2.0, 0.5), (0.25, -4.0))


def test_of_three_and_one(submission):
    \"\"\"The square of three and one are ten.\"\"\"
    assert_equal(submission.double(3.0, 1.0), 10.0, "Three by three, and one.")


def test_of_any(submission):
    \"\"\"The square of a and b are added.\"\"\"
    for a, b in NUMBERS:
        assert_equal(submission.double(a, b), a * a + b, "The square is a times a.")
"""
HEAD = '''"""A sum."""


def double(a: float, b: float) -> float:
    """Return the square of a, and b."""
'''
UNWRITTEN = f"{HEAD}    raise NotImplementedError\n"
RIGHT = f"{HEAD}    return a**2 + b\n"
WRONG_SIGN = f"{HEAD}    return a**2 - b\n"
NOTHING_HELPS = f"{HEAD}    return 77.5\n"
RUBRIC = """schema = "grader.rubric/1"
title = "Sums"
points = 4
{more}
[exercises.double]
points = 4

[[exercises.double.criteria]]
title = "Numbers"
points = 4
visibility = "public"
checks = ["test_of_three_and_one", "test_of_any"]
"""

TRIPLE = """
[exercises.triple]
points = 10

[[exercises.triple.criteria]]
title = "Two"
points = 10
visibility = "public"
checks = ["test_triple_of_two"]
"""


def course_with(folder: Path, code: str = WRONG_SIGN, more: str = "") -> Path:
    """Write a student's copy of a course that asks for the sum of a square and a number."""
    changes = {STUB: code, CHECKS: SHOWN, "rubrics/numbers.toml": RUBRIC.format(more=more)}
    return make_course(folder / "course", changes=changes, reference=False)


def two_exercises(folder: Path, code: str) -> Path:
    """Write a course with this code in place, and another exercise."""
    return make_course(folder / "course", ("numbers/double", "numbers/triple"), changes={STUB: code, CHECKS: SHOWN,
        "rubrics/numbers.toml": RUBRIC.format(more="").replace("points = 4", "points = 14", 1) + TRIPLE}, reference=False)  # fmt: skip


@pytest.fixture(scope="module")
def looked_for(tmp_path_factory: pytest.TempPathFactory, server: ForkServer) -> Callable[[str], Located]:
    """Return what looks for the mistake in a text."""
    folder = tmp_path_factory.mktemp("locate")
    course = find_course(course_with(folder, UNWRITTEN))
    grader = Grader(course, server)

    def look(code: str, **options: Any) -> Located:
        (folder / "work.py").write_text(code)
        return locate(grader, read_handin(folder / "work.py"), course.exercises[0], **options)

    return look


# --- where it is ---


@pytest.mark.parametrize(
    ("body", "line", "code", "repaired"),
    [
        ("return a**2 - b", 6, "a**2 - b", "a**2 + b"),
        ("return a**3 + b", 6, "3", "a**2"),
        ("return a**2 + a", 6, "a**2 + a", "a**2 + b"),
        ("return abs(a**2 + b)", 6, "abs(a**2 + b)", ": `a**2 + b"),
        ("total = a**2\n    total = b\n    return total", 7, "total = b", "+="),
    ],
)
def test_the_place_is_named_and_never_the_edit(
    looked_for: Callable[[str], Located], body: str, line: int, code: str, repaired: str
) -> None:
    found = looked_for(f"{HEAD}    {body}\n")
    assert (found.file, found.line, found.last_line, found.code) == ("work.py", line, line, code)
    said = in_words(found)
    assert f"work.py, line {line}: `{code}`" in said
    assert found.property in ("The square of three and one are ten.", "The square of a and b are added.")
    if repaired:
        assert repaired not in said


@pytest.mark.parametrize(
    ("body", "edited"),
    [
        ("return a[0][0]", "return b"),
        ("return 1 - a.sqrt()", "return (1 - a).sqrt()"),
        ("return torch.sqrt(1 - a)", "return 1 - torch.sqrt(a)"),
        ("return (1 - a) ** 0.5", "return 1 - a ** 0.5"),
        ("return a @ a", "return a @ a * (b / a)"),
        ("return abs(a)", "return min(abs(a), 0.999)"),
        ("return a @ a", "return a @ (a / b.shape[0])"),
        ("return a + 2 * b", "return a + 2 * b if b > 0 else a"),
        ("return a[b] ** 2", "return (a[b] if b >= 0 else a[b] * 0 + 1) ** 2"),
        ("a = abs(b)\n    return a", "a.copy_(abs(b))\n    return a"),
        (
            "return [a[0] / a.sum(), a[1] / a.sum()]",
            "return [(a ** 2)[0] / (a ** 2).sum(), (a ** 2)[1] / (a ** 2).sum()]",
        ),
        ("c = abs(a)\n    return b + c", "c = abs(a)\n    return b + abs(b)"),
        ("a += 1\n    return a", "if b > 0:\n        a += 1\n    return a"),
        ("return a.sum(axis=(1, 2)) - b.sum()", "return a.sum(axis=(1, 2)) - b.sum(axis=(1, 2))"),
        ("return a.encode(b).latent_dist * 2", "return a.encode(b).latent_dist.mode() * 2"),
        ("return a(b, 3)", "return a(b, 3).sample"),
    ],
)
def test_these_edits_are_tried(body: str, edited: str) -> None:
    source = f"def double(a, b):\n    {body}\n"
    tried = {repair.text.strip() for rank in range(TERM + 1) for repair in repairs(source, ["double"], rank, [0.999])}
    assert f"def double(a, b):\n    {edited}" in tried


def test_an_odd_escape_in_a_text_is_no_fault(looked_for: Callable[[str], Located]) -> None:
    r"""A docstring with `\sqrt` is a warning to whoever runs the file, and nothing to the grader."""
    found = looked_for(WRONG_SIGN.replace("Return the square", "Return \\sqrt and the square"))
    assert (found.line, found.code) == (6, "a**2 - b")


def test_of_several_places_the_lines_around_them_are_named(looked_for: Callable[[str], Located]) -> None:
    found = looked_for(f"{HEAD}    c = a + 1\n    return c**2 + b\n")
    assert (found.file, found.line, found.last_line, found.code) == ("work.py", 6, 7, "")
    assert "work.py, lines 6 to 7" in in_words(found)


def test_of_places_in_one_another_the_finer_counts() -> None:
    text = "def f(x):\n    if x:\n        x = 1\n    return x"
    assert region(text, [Span(2, 4, 3, 13), Span(3, 8, 3, 13)]).code == "x = 1"
    assert region(text, [Span(3, 8, 3, 13), Span(4, 11, 4, 12)]).part[::2] == (3, 4)


def test_a_variable_that_is_used_once_may_be_made_wrong() -> None:
    text = "def f(x):\n    y = x\n    y[0] = 1\n    return y"
    assert region(text, [Span(4, 11, 4, 12)]).part[::2] == (2, 4)
    assert region(f"{text} + y", [Span(4, 11, 4, 12)]).code == "y + y"


def test_where_nothing_single_helps_that_is_said(looked_for: Callable[[str], Located]) -> None:
    found = looked_for(NOTHING_HELPS)
    assert found == Located("double", "The square of three and one are ten.")
    assert in_words(found).startswith("double: no single place was found")


def test_the_time_that_is_given_is_kept(looked_for: Callable[[str], Located]) -> None:
    found = looked_for(NOTHING_HELPS, seconds=0.0)
    assert not found.searched_all
    assert "goes on for longer" in in_words(found)


def test_cells_are_named_as_their_prompts(server: ForkServer, tmp_path: Path) -> None:
    course = find_course(course_with(tmp_path, UNWRITTEN))
    cells = ["", "print('first')", f"print('above')\n{WRONG_SIGN}"]
    asked = Request(folder=str(course.root), cells=tuple(cells), locate=10.0)
    work = read_code_cells("the notebook", ((f"cell [{n}]", text) for n, text in enumerate(cells) if text))
    found = find_place(Grader(course, server), work, course.exercises[0], asked, lambda _: None)
    assert (found.file, found.line, found.code) == ("the notebook, cell [2]", 7, "a**2 - b")


def test_steps_before_the_first_wrong_one_are_told() -> None:
    found = Located("ddim_sample", "A run is right.", "work.py", 3, 3, "x", right_steps=3)
    assert "Up to step 3 of the loop, you are on the right path." in in_words(found)
    assert "path" not in in_words(Located("ddim_sample", "A run is right.", right_steps=0))


# --- what is tried runs where submissions run ---


def test_copies_never_run_in_the_judge(looked_for: Callable[[str], Located]) -> None:
    found = looked_for(f"import sys\nsys.modules['was_here'] = sys\n{WRONG_SIGN}")
    assert found.line == 8
    assert "was_here" not in sys.modules


@pytest.mark.parametrize("end", ["while True: pass", "import os; os._exit(3)", "raise SystemExit"])
def test_a_copy_that_does_not_come_back_costs_only_itself(looked_for: Callable[[str], Located], end: str) -> None:
    """The sum is taken back to a**2 in the end, so that edits of the condition repair nothing."""
    found = looked_for(f"{HEAD}    if a == 77.5:\n        {end}\n    return a**2 - b\n")
    assert (found.line, found.code) == (8, "a**2 - b")


def test_what_only_passes_beside_others_is_not_named(looked_for: Callable[[str], Located]) -> None:
    """Once its copies have called it often enough, every one that computes the same passes; alone, none does."""
    head = f"import sys\nstate = sys.modules.setdefault('left', [])\n{HEAD}".replace('"""A sum."""\n', "")
    found = looked_for(f"{head}    state.append(a)\n    state[40]\n    return a**2 + b\n")
    assert (found.line, found.last_line, found.code) == (8, 8, "state[40]")


# --- what is refused, and how it is said ---


@pytest.mark.parametrize(
    ("code", "name", "sentence"),
    [
        (RIGHT, "double", "double: all checks pass"),
        (WRONG_SIGN.replace(":\n", "\n", 1), "double", "line 4"),
        (UNWRITTEN, "double", "`double` is not written yet."),
        (
            WRONG_SIGN.replace("def", "def crash(f): raise ValueError('no')\n\n\n@crash\ndef"),
            "double",
            "ValueError: no",
        ),
        (WRONG_SIGN, "numbers", "`numbers` is a lesson"),
    ],
)
def test_where_there_is_nothing_to_look_for_a_sentence_says_why(
    tmp_path: Path, command: Command, code: str, name: str, sentence: str
) -> None:
    done = command.run("locate", name, cwd=two_exercises(tmp_path, code))
    assert sentence in done.stderr
    assert (done.returncode, done.stdout) == (2, "")


def test_the_command_says_where_and_nothing_is_written_into_the_course(tmp_path: Path, command: Command) -> None:
    course = course_with(tmp_path)
    before = {path for path in course.rglob("*") if "__pycache__" not in path.parts}
    for options in ([], ["--plain"]):
        done = command.run("locate", "double", *options, cwd=course)
        assert (done.returncode, done.stderr) == (0, "")
        assert "Look at exercises/numbers/double.py, line 6: `a**2 - b`" in done.stdout
    assert {path for path in course.rglob("*") if "__pycache__" not in path.parts} == before
    nothing = command.run("locate", "double", cwd=course_with(tmp_path / "other", NOTHING_HELPS))
    assert (nothing.returncode, nothing.stderr) == (1, "")


# --- after how many tries it is offered ---

OFFER = "`grade locate double` looks for the line where the mistake is."


def tries(command: Command, course: Path, *texts: str) -> list[bool]:
    """Grade some versions, one after the other, and return after which the command was offered."""
    said = []
    for text in texts:
        (course / STUB).write_text(text)
        said.append(OFFER in command.run("double", cwd=course).stdout)
    return said


def test_a_course_offers_it_after_some_failed_tries(tmp_path: Path, command: Command) -> None:
    course = course_with(tmp_path, more="locate_after = 2")
    first, second, right = WRONG_SIGN, f"{WRONG_SIGN}# again\n", RIGHT
    assert tries(command, course, first, first, second, right, first, second) == [
        False,
        False,
        True,
        False,
        False,
        True,
    ]
    progress = json.loads((course / ".grade" / "progress.json").read_text())
    assert progress["failed_tries"] == {"numbers/double": 2}


@pytest.mark.parametrize("more", ["", "locate_after = 0"])
def test_a_course_that_does_not_ask_for_it_never_offers_it(tmp_path: Path, command: Command, more: str) -> None:
    course = course_with(tmp_path, more=more)
    assert tries(command, course, WRONG_SIGN, f"{WRONG_SIGN}# again\n") == [False, False]


def test_what_nobody_has_begun_is_no_try(tmp_path: Path, command: Command) -> None:
    course = course_with(tmp_path, more="locate_after = 1")
    assert tries(command, course, UNWRITTEN) == [False]


def test_what_students_get_says_it_too(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course")
    rubric = course / "rubrics/numbers.toml"
    rubric.write_text(rubric.read_text().replace("points = ", "locate_after = 3\npoints = ", 1))
    made = edition.files(find_course(course), edition.COURSE, mistakes=False)
    assert tomllib.loads(made["rubrics/numbers.toml"].decode())["locate_after"] == 3


def test_a_rubric_says_a_number_of_tries(tmp_path: Path) -> None:
    course = find_course(course_with(tmp_path, more="locate_after = 3"))
    assert load_rubrics(course)["numbers", "double"].locate_after == 3
    with pytest.raises(UsageError, match=r"rubrics/numbers\.toml:4"):
        load_rubrics(find_course(course_with(tmp_path, more='locate_after = "often"')))


@pytest.mark.slow
def test_the_place_of_most_mutants_is_named_and_of_none_a_wrong_one(tmp_path: Path) -> None:
    course = find_course(bench_locate.PROJECT)
    exercises = course.select(["reverse_step", "box_mask", "karras_sigmas", "merge_lora"])
    with warm_grader(course, exercises, Conditions(Isolation.AUTO)) as grader:
        found = [
            bench_locate.measured(grader, exercise, kind, case, tmp_path, 20.0)
            for exercise in exercises
            for kind, case in bench_locate.cases(exercise, 8, variants=False)
        ]
    outcomes = [each.outcome for each in found if each is not None]
    assert outcomes.count(bench_locate.NAMED) >= 0.8 * len(outcomes)
    assert bench_locate.WRONG not in outcomes
