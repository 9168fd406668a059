"""Points for the examples that a student writes before the code: by the rubric, in a class, and proven by the author."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from grader.authoring.verify import verify
from grader.course.finding import find_course
from grader.course.rubric import EXAMPLES
from grader.course.rubric_reading import RubricError, load_rubrics
from grader.grading import Grader
from grader.results import CheckResult, ExerciseResult, Outcome
from grader.student_examples import trying
from grader.submission.reading import read_submission, read_texts
from helpers.course_factory import make_course, write_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from grader.course.model import Course
    from grader.sandbox.outside.server import ForkServer
    from helpers.command import Command

RIGHT = "def double(number): return number * 2\n"
SMALL = """
[[exercises.double.criteria]]
title = "Small numbers"
points = 4
visibility = "public"
checks = ["test_double_of_two"]
"""
LARGE = """
[[exercises.double.criteria]]
title = "Negative numbers"
points = 6
visibility = "hidden"
checks = ["test_double_of_minus_three"]
"""
OWN = """
[[exercises.double.criteria]]
title = "Your own examples"
points = 2
visibility = "public"
examples = 0.5
"""
TRIPLE = '''"""Three times the number."""

CAUGHT_BY = "test_double_of_two"


def double(number: int) -> int:
    return 3 * number
'''
ANSWERS = "reference/numbers/double"
RUBRIC = "rubrics/numbers.toml"


def rubric(*criteria: str, points: int = 12) -> str:
    head = (
        f'schema = "grader.rubric/1"\ntitle = "Doubling"\npoints = {points}\n\n[exercises.double]\npoints = {points}\n'
    )
    return head + "".join(criteria)


def course_with(root: Path, own: str = OWN, *, reference: bool = True, **changes: str | None) -> Course:
    answers = {f"{ANSWERS}/wrong/triple.py": TRIPLE} if reference else {}
    files = {RUBRIC: rubric(SMALL, LARGE, own), **answers, **changes}
    return find_course(make_course(root, changes=files, reference=reference))


@pytest.fixture
def result_of(tmp_path: Path, server: ForkServer) -> Callable[..., ExerciseResult]:
    course = course_with(tmp_path / "course")

    def grade(examples: str | None, work: str = RIGHT, course: Course = course, **files: str) -> ExerciseResult:
        given = {"double.py": work, **({} if examples is None else {"double.examples": examples}), **files}
        submission = read_texts("hand-in", [(path, text.encode()) for path, text in given.items()])
        return Grader(course, server).grade(submission, course.exercises).exercises[0]

    return grade


def of_examples(result: ExerciseResult) -> CheckResult:
    return next(check for check in result.checks if check.name == EXAMPLES)


def test_right_examples_that_catch_enough_mistakes_earn_their_points(result_of: Callable) -> None:
    result = result_of("double(5) == 10\n")
    assert (result.points, result.outcome, of_examples(result).message) == (12, Outcome.PASSED, "")
    assert [(each.title, each.points) for each in result.criteria][-1] == ("Your own examples", 2)


@pytest.mark.parametrize(
    ("examples", "message"),
    [
        ("double(0) == 0\n", "Your examples catch 0 of the 2 mistakes that this course knows, and 1 are asked for. Not caught, for one: "),
        ("double(5) == 11\n", "A correct solution contradicts line 1, `double(5) == 11`: compute by hand what it returns."),
        ("double(5) == 10\ndouble(1) == 3\ndouble(2) == 5", "contradicts line 2, `double(1) == 3` and 1 other of your 3 examples: "),
        (None, "There are no examples for this exercise: write them in double.examples, a line each, such as `double(...) == ...`."),
        ("double(", "double.examples:1: this cannot be read ('(' was never closed): write lines such as `double(...) == ...`."),
        ("double(open('x')) == 1", "double.examples:1: `open('x')` is not a value: write it like `double(...) == ...`."),
        ("double(1) == 2\n" * 101, "double.examples has 101 examples: 100 are enough."),
        ("double([" + "torch.zeros(3), " * 1001 + "]) == 1", "double.examples makes more than 1,000 tensors and roots: "),
    ],
)  # fmt: skip
def test_examples_that_earn_nothing_say_why(result_of: Callable, examples: str | None, message: str) -> None:
    result = result_of(examples)
    assert (result.points, of_examples(result).outcome) == (10, Outcome.FAILED)
    assert message in of_examples(result).message
    assert "10" not in of_examples(result).message.replace("100", "").replace("101", "")  # what is right is never said


def test_an_example_that_is_wrong_spoils_those_that_catch_mistakes(result_of: Callable) -> None:
    assert of_examples(result_of("double(5) == 10\ndouble(6) == 13\n")).outcome is Outcome.FAILED


def test_examples_count_without_code_and_beside_wrong_code(result_of: Callable) -> None:
    for work in (
        "def double(number): return number\n",
        "x = 1\n",
        "def double(number):\n    raise NotImplementedError\n",
    ):
        result = result_of("double(5) == 10\n", work)
        assert (result.points, of_examples(result).outcome) == (2, Outcome.PASSED), work


def test_all_mistakes_may_be_asked_for(tmp_path: Path, result_of: Callable) -> None:
    strict = course_with(tmp_path / "strict", OWN.replace("0.5", "1"))
    one = result_of("double(0) == 0\n", course=strict)
    assert "catch 0 of the 2 mistakes that this course knows, and 2 are asked for" in of_examples(one).message
    assert of_examples(result_of("double(5) == 10\n", course=strict)).outcome is Outcome.PASSED


def test_an_example_that_takes_too_long_on_a_correct_solution_is_named(tmp_path: Path, result_of: Callable) -> None:
    loop = (
        '"""The solution."""\n\n\ndef double(number: int) -> int:\n    while number > 99: pass\n    return 2 * number\n'
    )
    slow = course_with(
        tmp_path / "slow",
        **{
            f"{ANSWERS}/solution.py": loop,
            RUBRIC: rubric(SMALL, LARGE, OWN).replace("points = 12\n\n[[", "points = 12\ncall_seconds = 0.2\n\n[["),
        },
    )
    message = of_examples(result_of("double(1) == 2\ndouble(100) == 200\ndouble(2) == 4\n", course=slow)).message
    assert message == (
        "Even a correct solution needs too much time or memory for the examples up to line 2: make the inputs smaller."
    )


def test_two_files_that_differ_are_not_chosen_between(result_of: Callable) -> None:
    other = {"more/double.examples": "double(1) == 2\n"}
    message = of_examples(result_of("double(5) == 10\n", **other)).message
    assert message == "double.examples and more/double.examples differ: keep one."
    same = {"more/double.examples": "double(5) == 10  \n", "old/double.examples": "double(5) == 12\n"}
    assert of_examples(result_of("double(5) == 10\n", **same)).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    "name", ["Double.examples", "double.examples.txt", "double (1).examples", "work/double.examples"]
)
def test_a_file_may_be_called_as_browsers_call_copies(result_of: Callable, name: str) -> None:
    assert of_examples(result_of(None, **{name: "double(5) == 10\n"})).outcome is Outcome.PASSED


def test_a_file_for_another_exercise_does_not_count(result_of: Callable) -> None:
    assert "There are no examples" in of_examples(result_of(None, **{"triple.examples": "double(5) == 10\n"})).message


def test_a_file_that_is_no_text_is_named(tmp_path: Path, server: ForkServer) -> None:
    course = course_with(tmp_path / "course")
    work = read_texts("hand-in", [("double.py", RIGHT.encode()), ("double.examples", b"\xff\xfe\xfd\x00\xff")])
    [result] = Grader(course, server).grade(work, course.exercises).exercises
    assert of_examples(result).message == "double.examples is not UTF-8: save it as UTF-8 text."


def test_a_grader_that_breaks_on_examples_blames_nobody(result_of: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise ZeroDivisionError("by the grader")

    monkeypatch.setattr(trying, "describe_variant", broken)
    result = result_of("double(5) == 10\n")
    assert (result.outcome, of_examples(result).outcome) == (Outcome.ERROR, Outcome.ERROR)


def test_what_is_handed_in_changes_with_the_examples() -> None:
    def sha256(examples: str) -> str:
        return read_texts("work", [("a.py", b"x = 1"), ("double.examples", examples.encode())]).answers_sha256

    assert (
        sha256("double(1) == 2") != sha256("double(1) == 3") != read_texts("work", [("a.py", b"x = 1")]).answers_sha256
    )


# --- at the desk and in a class -------------------------------------------------------------------------------------


def test_a_students_copy_notes_examples_and_does_not_decide(tmp_path: Path, result_of: Callable) -> None:
    copy = course_with(tmp_path / "copy", reference=False)
    none, one = result_of(None, course=copy), result_of("double(5) == 11\n", course=copy)
    assert [each.criteria[-1].remark for each in (none, one)] == [
        "none yet: write them in double.examples", "1 example noted",
    ]  # fmt: skip
    assert of_examples(one).outcome is none.criteria[-1].outcome is Outcome.SKIPPED
    broken = of_examples(result_of("double(5) = 11\n", course=copy))  # what can be said at once is
    assert (broken.outcome, "double.examples:1: this cannot be read" in broken.message) == (Outcome.FAILED, True)


def test_examples_beside_the_stub_are_read_where_the_student_works(tmp_path: Path, command: Command) -> None:
    copy = course_with(tmp_path / "copy", reference=False).root
    write_files(copy, {"exercises/numbers/double.py": RIGHT, "exercises/numbers/double.examples": "double(1) == 2\n"})
    done = command.run("double", cwd=copy)
    assert "· 2 later   Your own examples  (1 example noted)" in done.stdout, done.stderr
    write_files(copy, {"exercises/numbers/double.examples": "double(1) == 2\ndouble(2) == 4\n"})
    assert "(2 examples noted)" in command.run("double", cwd=copy).stdout
    assert "0 of 4" not in command.run("list", cwd=copy).stdout


def test_a_class_is_graded_anew_where_examples_have_changed(tmp_path: Path, command: Command) -> None:
    course = course_with(tmp_path / "course").root
    write_files(
        tmp_path, {"in/ann/double.py": RIGHT, "in/ann/double.examples": "double(0) == 0\n", "in/ben/double.py": RIGHT}
    )

    def graded() -> tuple[str, str]:
        done = command.run("batch", "../in", "--gradebook", "../gb", "--isolation", "auto", cwd=course)
        assert done.returncode in (0, 1), done.stderr
        return done.stdout, command.run("export", "--gradebook", "../gb", "--format", "csv", cwd=course).stdout

    said, rows = graded()
    assert ("2 graded" in said, "ann,ann,10,10," in rows) == (True, True)
    write_files(tmp_path, {"in/ann/double.examples": "double(5) == 10\n"})
    said, rows = graded()
    assert ("1 graded" in said, "ann,ann,12,12," in rows, "ben,ben,10,10," in rows) == (True, True, True)


def test_a_released_copy_knows_the_criterion_and_not_what_earns_it(tmp_path: Path, command: Command) -> None:
    own = {f"{ANSWERS}/solution.examples": "double(7) == 14\n"}
    course = course_with(tmp_path / "course", OWN.replace('"public"', '"hidden"'), **own).root
    done = command.run("release", "../given", cwd=course)
    assert done.returncode == 0, done.stderr
    given = find_course(tmp_path / "given")
    criterion = load_rubrics(given)["numbers", "double"].of_examples
    assert criterion is not None
    assert (criterion.title, criterion.points, criterion.examples) == ("Your own examples", 2, 0.5)
    assert not [
        path for path in (tmp_path / "given").rglob("*") if path.is_file() and b"double(7)" in path.read_bytes()
    ]


# --- the author -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "sentence"),
    [
        (OWN + 'checks = ["test_double_of_two"]\n', "is about a student's own examples and has checks"),
        (OWN + "manual = true\n", 'the criterion "Your own examples" is manual and is about examples: remove one of the two.'),
        (OWN + 'tier = "gpu"\n', "is about examples, which need no real model"),
        (OWN.replace("0.5", "0"), "key `examples` is wrong: found 0, write the share of the known mistakes"),
        (OWN.replace("0.5", "1.5"), "key `examples` is wrong: found 1.5, write the share of the known mistakes"),
        (OWN.replace("points = 2", "points = 1") * 2, "another criterion is about a student's own examples: keep one."),
    ],
)  # fmt: skip
def test_a_rubric_that_makes_no_sense_is_refused(tmp_path: Path, own: str, sentence: str) -> None:
    with pytest.raises(RubricError) as raised:
        load_rubrics(course_with(tmp_path / "course", own))
    assert sentence in str(raised.value)


def test_examples_need_mistakes_to_catch(tmp_path: Path) -> None:
    none = {f"{ANSWERS}/wrong/unchanged.py": None, f"{ANSWERS}/wrong/triple.py": None}
    with pytest.raises(RubricError, match="there are no mistakes that examples could catch: write some in reference/"):
        load_rubrics(course_with(tmp_path / "course", **none))


@pytest.mark.parametrize(
    ("examples", "finding"),
    [
        (None, "reference/numbers/double/solution.examples is missing: write examples that earn the points for `Your own examples`"),
        ("double(0) == 0\n", "solution.examples does not earn the points for `Your own examples`. Your examples catch 0 of the 2"),
        ("double(5) == 10\n", ""),
    ],
)  # fmt: skip
def test_verify_asks_the_author_for_examples_that_earn_the_points(
    tmp_path: Path, server: ForkServer, examples: str | None, finding: str
) -> None:
    own = {} if examples is None else {f"{ANSWERS}/solution.examples": examples}
    course = course_with(tmp_path / "course", **own)
    found = verify(Grader(course, server), course.exercises[0]).findings
    assert [finding in each for each in found] == ([True] if finding else []), found


def test_a_verdict_with_examples_is_valid_json(tmp_path: Path, command: Command) -> None:
    course = course_with(tmp_path / "course").root
    write_files(tmp_path, {"work/double.py": RIGHT, "work/double.examples": "double(5) == 10\n"})
    done = command.run("--submission", "../work", "--format", "json", cwd=course)
    [exercise] = json.loads(done.stdout)["exercises"]
    assert [each["checks"] for each in exercise["criteria"]][-1] == ["examples"]


def test_a_file_of_code_alone_has_no_examples(tmp_path: Path) -> None:
    write_files(tmp_path, {"double.py": RIGHT})
    course = course_with(tmp_path / "course")
    assert read_submission(tmp_path / "double.py").examples_for(course.exercises[0]) is None
