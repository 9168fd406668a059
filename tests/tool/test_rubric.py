"""Rubrics: reading, refusing and marking."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import grader
from grader.course.finding import find_course
from grader.course.rubric import BESIDE_OTHERS, Criterion, ExerciseRubric, mark
from grader.course.rubric_reading import RubricError, load_rubrics
from grader.course.toml_lines import key_lines
from grader.errors import UsageError
from grader.results import CheckResult, Outcome
from helpers.course_factory import make_course

pytestmark = pytest.mark.light

FILE = "rubrics/numbers.toml"

RUBRIC = """\
schema = "grader.rubric/1"
title = "Doubling"
points = 10

[exercises.double]
points = 10
forbidden = ["diffusers"]

[[exercises.double.criteria]]
title = "Small numbers"
points = 4
visibility = "public"
checks = ["test_double_of_two"]

[[exercises.double.criteria]]
title = "Negative numbers"
points = 6
visibility = "hidden"
checks = ["test_double_of_minus_three"]
"""


def course_with(root: Path, rubric: str | bytes | None, **options: Any) -> Any:
    return find_course(make_course(root, changes={FILE: rubric}, **options))


def replaced(*pairs: tuple[str, str]) -> str:
    """Return the rubric after each first occurrence has been exchanged, so that one thing is wrong with it."""
    text = RUBRIC
    for old, new in pairs:
        if old not in text:
            raise ValueError(f"The rubric has no {old!r} to replace.")
        text = text.replace(old, new, 1)
    return text


def refusal(root: Path, rubric: str | bytes | None, **options: Any) -> str:
    with pytest.raises(RubricError) as caught:
        load_rubrics(course_with(root, rubric, **options))
    return str(caught.value)


def test_a_rubric_is_read_as_it_is_written(tmp_path: Path) -> None:
    assert load_rubrics(course_with(tmp_path, RUBRIC)) == {
        ("numbers", "double"): ExerciseRubric(
            points=10.0,
            criteria=(
                Criterion("Small numbers", 4.0, "public", ("test_double_of_two",), "cpu", False),
                Criterion("Negative numbers", 6.0, "hidden", ("test_double_of_minus_three",), "cpu", False),
            ),
            forbidden=("diffusers",),
            call_seconds=5.0,
        )
    }


def test_the_optional_keys_are_read(tmp_path: Path) -> None:
    manual = '\n[[exercises.double.criteria]]\ntitle = "Essay"\npoints = 2\nvisibility = "public"\ntier = "gpu"\nmanual = true\nbeside_others = true\n'
    rubric = replaced(
        ("points = 10\n\n", "points = 12\n\n"),
        ("points = 10\n", "points = 12\ncall_seconds = 0.5\n"),
    )
    [loaded] = load_rubrics(course_with(tmp_path, rubric + manual)).values()
    assert loaded.call_seconds == 0.5
    assert loaded.criteria[2] == Criterion("Essay", 2.0, "public", (), "gpu", manual=True, beside_others=True)


def test_only_the_lessons_asked_for_are_read(tmp_path: Path) -> None:
    course = find_course(make_course(tmp_path, ["a/one", "b/two"], changes={"rubrics/b.toml": "broken"}))
    assert list(load_rubrics(course, ["a"])) == [("a", "one")]


def test_an_unknown_lesson_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No lesson is called `letters`: the lessons are numbers"):
        load_rubrics(find_course(make_course(tmp_path)), ["letters"])


@pytest.mark.parametrize("text", [RUBRIC.replace("\n", "\r\n"), "\ufeff" + RUBRIC])
def test_a_rubric_saved_on_windows_is_read(tmp_path: Path, text: str) -> None:
    assert load_rubrics(course_with(tmp_path, text))


def test_points_with_fractions_add_up(tmp_path: Path) -> None:
    rubric = replaced(("= 10", "= 0.3"), ("= 10", "= 0.3"), ("= 4", "= 0.1"), ("= 6", "= 0.2"))
    assert load_rubrics(course_with(tmp_path, rubric))


CHECKS = 'checks = ["test_double_of_two"]'


@pytest.mark.parametrize(
    ("rubric", "line", "sentence"),
    [
        (
            replaced(("points = 10\n\n[", "points = \n\n[")),
            3,
            "the file is not valid TOML (Invalid value): fix the syntax.",
        ),
        (RUBRIC + "x = [", 20, "the file is not valid TOML (Invalid value): fix the syntax."),
        (
            replaced(("= 10", "= 10\npoints = 10")),
            4,
            "the file is not valid TOML (Cannot overwrite a value): fix the syntax.",
        ),
        (
            replaced(("rubric/1", "rubric/9")),
            1,
            'key `schema` is wrong: found "grader.rubric/9", write "grader.rubric/1".',
        ),
        (
            replaced(('schema = "grader.rubric/1"\n', "")),
            1,
            'key `schema` is missing at the top: add "grader.rubric/1".',
        ),
        (replaced(("title", "titel")), 2, "key `titel` is unknown at the top: did you mean `title`?"),
        (
            replaced(("forbidden = [", "xyz = [")),
            7,
            "key `xyz` is unknown in [exercises.double]: remove it.",
        ),
        (replaced(('= "Doubling"', "= 3")), 2, "key `title` is wrong: found 3, write a text, the lesson's title."),
        (replaced(("= 4", "= -4")), 11, "key `points` is wrong: found -4, write a number of points, 0 or more."),
        (replaced(("= 4", "= nan")), 11, 'key `points` is wrong: found "nan", write a number of points, 0 or more.'),
        (replaced(("= 4", "= inf")), 11, 'key `points` is wrong: found "inf", write a number of points, 0 or more.'),
        (replaced(("= 4", "= true")), 11, "key `points` is wrong: found true, write a number of points, 0 or more."),
        (
            replaced(('"diffusers"', '"diffusers", "no name"')),
            7,
            'entry 2 of key `forbidden` is wrong: found "no name", write the name of a Python module.',
        ),
        (
            replaced(('visibility = "public"\n', "")),
            9,
            'key `visibility` is missing in [exercises.double.criteria]: add "public" or "hidden".',
        ),
        (
            replaced(('= "public"', '= "secret"')),
            12,
            'key `visibility` is wrong: found "secret", write "public" or "hidden".',
        ),
        (
            replaced((CHECKS, 'checks = ["a", "a"]')),
            13,
            'key `checks` is wrong: found ["a", "a"], write a list of names of checks, each once.',
        ),
        (
            RUBRIC + '\n[exercises.doubel]\npoints = 0\ncriteria = [{title = "a", points = 0, visibility = "public", '
            "manual = true}]\n",
            21,
            "there is no stub exercises/numbers/doubel.py: did you mean `double`?",
        ),
        (
            RUBRIC + '\n[exercises.halve]\npoints = 0\ncriteria = [{title = "a", points = 0, visibility = "public", '
            "manual = true}]\n",
            21,
            "there is no stub exercises/numbers/halve.py: write the stub or remove the table.",
        ),
        (
            replaced((CHECKS, "manual = true")),
            5,
            "check `test_double_of_two` is in no criterion: add it to the `checks` of one.",
        ),
        (
            replaced((CHECKS, 'checks = ["test_double_of_two", "test_double_of_tow"]')),
            13,
            "check `test_double_of_tow` does not exist: did you mean `test_double_of_two`?",
        ),
        (
            replaced((CHECKS, 'checks = ["test_double_of_two", "xyz"]')),
            13,
            "check `xyz` does not exist: correct the name or write the check.",
        ),
        (
            replaced(('["test_double_of_minus_three"]', '["test_double_of_minus_three", "test_double_of_two"]')),
            19,
            'check `test_double_of_two` is already in the criterion "Small numbers": keep it in one.',
        ),
        (
            replaced(('"test_double_of_minus_three"', '"test_double_of_minus_three", "xyz"')),
            19,
            "check `xyz` does not exist: correct the name or write the check.",
        ),
        (
            replaced(('visibility = "public"', 'visibility = "hidden"')),
            12,
            'key `visibility` is "hidden", but check `test_double_of_two` is public: '
            "put checks of both kinds into criteria of their own.",
        ),
        (replaced(("= 4", "= 3.5")), 6, "key `points` is 10, but the criteria add up to 9.5: make them equal."),
        (
            replaced(("points = 10", "points = 11")),
            3,
            "key `points` is 11, but those of the exercises add up to 10: make them equal.",
        ),
        (
            replaced((CHECKS, CHECKS + "\nmanual = true")),
            14,
            'the criterion "Small numbers" is manual and has checks: remove one of the two.',
        ),
        (
            RUBRIC + '\n[[exercises.double.criteria]]\ntitle = "Essay"\npoints = 0\nvisibility = "public"\n',
            21,
            'the criterion "Essay" has no checks: name some, or set `manual = true`.',
        ),
        (
            RUBRIC.replace("checks =", "beside_others = true\nchecks ="),
            5,
            "every criterion counts only beside others: take `beside_others` out of one.",
        ),
    ],
)
def test_a_mistake_in_a_rubric_is_told_with_line_and_remedy(
    tmp_path: Path, rubric: str, line: int, sentence: str
) -> None:
    assert refusal(tmp_path, rubric) == f"{FILE}:{line}: {sentence}"


@pytest.mark.parametrize(
    "empty",
    ['schema = "grader.rubric/1"\ntitle = "a"\npoints = 0\n[exercises]\n', replaced(('"Doubling"', '""'))],
)
def test_an_empty_value_is_refused(tmp_path: Path, empty: str) -> None:
    assert "is wrong: found" in refusal(tmp_path, empty)


def test_an_exercise_without_points_is_refused(tmp_path: Path) -> None:
    root = make_course(tmp_path, ["numbers/double", "numbers/twice"], changes={FILE: RUBRIC})
    with pytest.raises(RubricError, match=r"numbers.toml:5: exercise `twice` has no points: add a table"):
        load_rubrics(find_course(root))


def test_of_several_mistakes_the_first_by_line_is_told(tmp_path: Path) -> None:
    rubric = replaced(("= 4", "= -4"), ("points = 10", 'points = "ten"'), ("= 6", "= -6"))
    assert refusal(tmp_path, rubric).startswith(f"{FILE}:3: key `points`")


def test_a_lesson_without_a_rubric_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, None).startswith(f"{FILE} is missing: create it")


def test_a_rubric_without_a_lesson_is_refused(tmp_path: Path) -> None:
    root = make_course(tmp_path, changes={"rubrics/number.toml": RUBRIC})
    with pytest.raises(RubricError, match=r"rubrics/number.toml:1: there is no lesson .* did you mean `numbers`"):
        load_rubrics(find_course(root))


def test_the_file_of_policies_is_the_rubric_of_no_lesson(tmp_path: Path) -> None:
    course = find_course(make_course(tmp_path, changes={"rubrics/policy.toml": "what it says is not read here"}))
    assert list(load_rubrics(course)) == [("numbers", "double")]


def test_a_lesson_that_is_called_like_the_file_of_policies_is_refused(tmp_path: Path) -> None:
    course = find_course(make_course(tmp_path, ["policy/double"]))
    with pytest.raises(RubricError, match=r"rubrics/policy.toml:1: .* give exercises/policy another name"):
        load_rubrics(course)


def test_a_rubric_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, b'title = "\xe9"') == f"{FILE}:1: the file is not UTF-8 (byte 9): save it as UTF-8."


def test_a_students_copy_takes_hidden_criteria_as_they_are(tmp_path: Path) -> None:
    [rubric] = load_rubrics(course_with(tmp_path, RUBRIC, reference=False)).values()
    assert rubric.criteria[1].checks == ("test_double_of_minus_three",)


@pytest.mark.parametrize(
    ("rubric", "sentence"),
    [
        (replaced((CHECKS, 'checks = ["test_double_of_two", "test_x"]')), "check `test_x` does not exist"),
        (replaced(('visibility = "public"', 'visibility = "hidden"')), 'key `visibility` is "hidden"'),
        (replaced(("= 6", "= 5")), "the criteria add up to 9"),
    ],
)
def test_a_students_copy_is_checked_otherwise(tmp_path: Path, rubric: str, sentence: str) -> None:
    assert sentence in refusal(tmp_path, rubric, reference=False)


def test_the_schema_is_a_json_schema_that_accepts_a_rubric() -> None:
    path = Path(grader.__file__).parent / "schemas" / "rubric-1.schema.json"
    schema = json.loads(path.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(tomllib.loads(RUBRIC))


def test_every_value_in_the_schema_says_what_it_must_be() -> None:
    """The descriptions end the sentences about wrong values, so that none may be missing."""
    path = Path(grader.__file__).parent / "schemas" / "rubric-1.schema.json"
    schema = json.loads(path.read_text("utf-8"))
    pending = [schema, *schema["$defs"].values()]
    while pending:
        value = pending.pop()
        assert "description" in value or "$ref" in value, value
        pending += [*value.get("properties", {}).values(), *([value["items"]] if "items" in value else [])]


TRICKY = '''\
# [comment]
"quoted.key" = 1   # = 2
a . b = """
[not.a.table]
c = 1 \\""" ""\\"
"""
d = [
  "]", # ]
  [1,
   2], {x = 1, y = [']']},
]
e = \'\'\'
[nor.this]\'\'\'

  [ table . "sub table" ]
f = '[' # [x]
[[list]]
g = 1
[list.inner]
h = 2
[[list]]
[[list.deep]]
i = """"five quotes"""""
j = 3
'''


def test_lines_of_keys_are_found_in_any_toml() -> None:
    tomllib.loads(TRICKY)
    assert key_lines(TRICKY) == {
        ("quoted.key",): 2,
        ("a",): 3,
        ("a", "b"): 3,
        ("d",): 7,
        ("e",): 12,
        ("table",): 15,
        ("table", "sub table"): 15,
        ("table", "sub table", "f"): 16,
        ("list",): 17,
        ("list", 0): 17,
        ("list", 0, "g"): 18,
        ("list", 0, "inner"): 19,
        ("list", 0, "inner", "h"): 20,
        ("list", 1): 21,
        ("list", 1, "deep"): 22,
        ("list", 1, "deep", 0): 22,
        ("list", 1, "deep", 0, "i"): 23,
        ("list", 1, "deep", 0, "j"): 24,
    }


def test_lines_are_found_up_to_where_a_text_stops_being_toml() -> None:
    assert key_lines("a = 1\n!!!\nb = 2\n") == {("a",): 1}


def result(name: str, outcome: Outcome) -> CheckResult:
    return CheckResult(name, "A title.", "public", outcome, "", 0.0, None, ())


def marked(*outcomes: str) -> tuple[str, float]:
    """Return outcome and points of one criterion worth four, by the outcomes of its checks."""
    checks = [result(f"test_{index}", Outcome(outcome)) for index, outcome in enumerate(outcomes)]
    criterion = Criterion("Numbers", 4.0, "public", tuple(check.name for check in checks), manual=not checks)
    [found] = mark(ExerciseRubric(4.0, (criterion,)), checks)
    return found.outcome, found.points


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (["passed", "passed"], ("passed", 4.0)),
        (["passed", "failed"], ("failed", 0.0)),
        (["failed", "error"], ("error", 0.0)),
        (["skipped", "failed"], ("failed", 0.0)),
        (["skipped", "passed"], ("skipped", 0.0)),
        ([], ("skipped", 0.0)),
    ],
)
def test_points_are_given_only_when_all_checks_passed(outcomes: list[str], expected: tuple[str, float]) -> None:
    assert marked(*outcomes) == expected


@pytest.mark.parametrize(
    ("values", "no_effect", "expected"),
    [
        ("passed", "passed", [("passed", 3.0), ("passed", 1.0)]),
        ("passed", "failed", [("passed", 3.0), ("failed", 0.0)]),
        ("failed", "passed", [("failed", 0.0), ("failed", 0.0)]),
        ("failed", "skipped", [("failed", 0.0), ("skipped", 0.0)]),
        ("skipped", "passed", [("skipped", 0.0), ("skipped", 0.0)]),  # right work is never failed for what is pending
        ("error", "passed", [("error", 0.0), ("passed", 1.0)]),
    ],
)
def test_what_counts_beside_others_earns_nothing_alone(values: str, no_effect: str, expected: list[object]) -> None:
    checks = [result("test_values", Outcome(values)), result("test_no_effect", Outcome(no_effect))]
    criteria = (
        Criterion("Values", 3.0, "public", ("test_values",)),
        Criterion("Inputs unchanged", 1.0, "public", ("test_no_effect",), beside_others=True),
    )
    found = mark(ExerciseRubric(4.0, criteria), checks)
    assert [(each.outcome, each.points) for each in found] == expected
    only_beside_others = no_effect == "passed" and not found[1].points
    assert [each.remark for each in found] == ["", BESIDE_OTHERS if only_beside_others else ""]


def test_a_criterions_result_tells_what_the_rubric_says() -> None:
    criterion = Criterion("Essay", 2.0, "hidden", (), manual=True)
    [found] = mark(ExerciseRubric(2.0, (criterion,)), [])
    assert (found.title, found.max_points, found.visibility, found.checks) == ("Essay", 2.0, "hidden", ())
    assert found.manual


@pytest.mark.parametrize("names", [[], ["test_a", "test_a"], ["test_a", "test_b"]])
def test_results_that_are_not_those_of_the_rubric_are_refused(names: list[str]) -> None:
    rubric = ExerciseRubric(4.0, (Criterion("Numbers", 4.0, "public", ("test_a",)),))
    with pytest.raises(ValueError, match=re.escape("needs exactly one result")):
        mark(rubric, [result(name, Outcome.PASSED) for name in names])


def test_listing_a_course_needs_no_heavy_import() -> None:
    code = "import sys, grader.results, grader.course.finding, grader.course.rubric_reading, grader.submission; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=Path(grader.__file__).parents[1]
    )
    assert not {"torch", "numpy", "pytest", "jsonschema_rs", "hypothesis"} & set(done.stdout.split())
