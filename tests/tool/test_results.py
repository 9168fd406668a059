"""A verdict, its combined outcome and its JSON."""

import base64
import json
import math
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import grader
from grader.notebook.card import card
from grader.results import (
    Call,
    CheckResult,
    CodeFile,
    CodeLine,
    Counterexample,
    CriterionResult,
    Diagnosis,
    ExerciseResult,
    Outcome,
    Picture,
    SubmissionInfo,
    Verdict,
    combined_outcome,
    from_json,
    to_json,
)

pytestmark = pytest.mark.light

SCHEMA = json.loads((Path(grader.__file__).parent / "schemas" / "result-1.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
OUTCOMES = st.sampled_from(list(Outcome))
VISIBILITIES = st.sampled_from(["public", "hidden"])


def tuples(elements: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(elements, max_size=2).map(tuple)


DIAGNOSES = st.builds(Diagnosis, st.text(), st.text(), st.text())
COUNTEREXAMPLES = st.builds(
    Counterexample,
    call=st.text(),
    arguments=st.dictionaries(st.text(), st.text(), max_size=2),
    expected=st.none() | st.text(),
    actual=st.none() | st.text(),
    where=st.none() | st.text(),
    difference=st.none() | NUMBERS,
    tolerance=st.none() | NUMBERS,
    printed=st.text(),
    pictures=tuples(st.builds(Picture, st.text(), st.binary(), st.text())),
    calls=tuples(
        st.builds(
            Call, st.text(), st.dictionaries(st.text(), st.text(), max_size=2), tuples(st.text()), st.none() | st.text()
        )
    ),
    how=tuples(st.text()),
)
CHECKS = st.builds(
    CheckResult,
    st.text(),
    st.text(),
    VISIBILITIES,
    OUTCOMES,
    st.text(),
    NUMBERS,
    st.none() | COUNTEREXAMPLES,
    tuples(DIAGNOSES),
)
CRITERIA = st.builds(
    CriterionResult, st.text(), NUMBERS, NUMBERS, OUTCOMES, VISIBILITIES, tuples(st.text()), st.booleans()
)
EXERCISES = st.builds(
    ExerciseResult, st.text(), st.text(), NUMBERS, NUMBERS, OUTCOMES, tuples(CHECKS), tuples(CRITERIA)
)
VERDICTS = st.builds(
    Verdict,
    grader=st.text(),
    course=st.text(),
    submission=st.builds(SubmissionInfo, st.text(), st.text()),
    isolation=st.text(),
    tier=st.text(),
    seed=st.none() | st.integers(0, 2**63),
    points=NUMBERS,
    max_points=NUMBERS,
    exercises=tuples(EXERCISES),
    code=tuples(st.builds(CodeFile, st.text(), tuples(st.builds(CodeLine, st.integers(0, 2**63), st.text())))),
)


def verdict(outcome: Outcome = Outcome.FAILED, **counterexample: Any) -> Verdict:
    """Return a verdict that has one of everything."""
    values: dict[str, Any] = {
        "difference": 0.5,
        "tolerance": 1e-4,
        "printed": "",
        "pictures": (Picture("expected", b"png", "A picture."),),
        "calls": (Call("double", {"number": "2"}, ("number",), "2"),),
        "how": ("It is half of it.",),
        **counterexample,
    }
    example = Counterexample("double(2)", {"number": "2"}, "4", "2", "[0]", **values)
    check = CheckResult(
        "test_double", "Twice two is four.", "public", outcome, "It is 2.", 0.25, example, (Diagnosis("a", "b", "c"),)
    )
    criterion = CriterionResult("Numbers", 0.0, 10.0, outcome, "public", ("test_double",), False)
    return Verdict(
        grader=grader.__version__,
        course="Doubling",
        submission=SubmissionInfo("alice", "00ff"),
        isolation="strict",
        tier="cpu",
        seed=None,
        points=0.0,
        max_points=10.0,
        exercises=(ExerciseResult("numbers", "double", 0.0, 10.0, outcome, (check,), (criterion,)),),
        code=(CodeFile("double.py", (CodeLine(1, "def double(number): ..."),)),),
    )


def places(data: Any, where: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the place of every key that the structs fix; the arguments of a call are the submission's."""
    if isinstance(data, dict) and where[-1:] != ("arguments",):
        for key, item in data.items():
            yield (*where, key)
            yield from places(item, (*where, key))
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from places(item, (*where, index))


PLACES = list(places(json.loads(to_json(verdict()))))
ADDED_LATER = {
    "caught_by",
    "agreement",
    "model",
    "pictures",
    "crashed",
    "breadth",
    "explanation",
    "remark",
    "answers",
    "unread_answers",
    "calls",
    "changed",
    "result",
    "how",
    "description",
    "code",
}  # such keys have a default, so that older results can still be read
REQUIRED = [
    where
    for where in PLACES
    if (where[-1] not in ADDED_LATER or ("diagnosis" in where[-3:-1] and where[-1] == "explanation"))
    and where != ("exercises", 0, "seed")
]


def at(data: Any, where: tuple[str | int, ...]) -> Any:
    for part in where:
        data = data[part]
    return data


@pytest.mark.parametrize(
    ("outcomes", "combined"),
    [
        (["passed", "failed", "error", "skipped"], "error"),
        (["passed", "failed", "skipped"], "failed"),
        (["skipped", "passed"], "passed"),
        (["skipped", "skipped"], "skipped"),
    ],
)
def test_the_worst_outcome_stands_for_all(outcomes: list[str], combined: str) -> None:
    assert combined_outcome(Outcome(outcome) for outcome in outcomes) is Outcome(combined)


def test_no_outcome_at_all_is_not_passed() -> None:
    with pytest.raises(ValueError, match="no outcome"):
        combined_outcome([])


def test_a_verdict_has_the_combined_outcome_of_its_exercises() -> None:
    assert verdict(Outcome.PASSED).outcome is Outcome.PASSED
    assert verdict(Outcome.ERROR).outcome is Outcome.ERROR


def test_a_verdict_without_exercises_has_no_outcome() -> None:
    with pytest.raises(ValueError, match="no outcome"):
        _ = msgspec.structs.replace(verdict(), exercises=()).outcome


def test_the_combined_outcome_is_not_part_of_the_json() -> None:
    assert "outcome" not in json.loads(to_json(verdict()))


@given(VERDICTS)
def test_every_verdict_survives_its_json(drawn: Verdict) -> None:
    assert from_json(to_json(drawn)) == drawn


@given(VERDICTS)
def test_the_schema_describes_the_json_of_every_verdict(drawn: Verdict) -> None:
    VALIDATOR.validate(json.loads(to_json(drawn)))


def test_the_schema_is_a_json_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("where", REQUIRED, ids=lambda where: ".".join(map(str, where)))
def test_a_missing_key_is_refused_by_schema_and_reader(where: tuple[str | int, ...]) -> None:
    data = json.loads(to_json(verdict()))
    del at(data, where[:-1])[where[-1]]

    assert not VALIDATOR.is_valid(data)
    with pytest.raises(ValueError, match="not a result of the grader"):
        from_json(json.dumps(data))


@pytest.mark.parametrize("where", PLACES, ids=lambda where: ".".join(map(str, where)))
def test_a_value_of_a_wrong_type_is_refused_by_schema_and_reader(where: tuple[str | int, ...]) -> None:
    data = json.loads(to_json(verdict()))
    holder = at(data, where[:-1])
    holder[where[-1]] = 1 if isinstance(holder[where[-1]], str | dict | list | bool) else "one"

    assert not VALIDATOR.is_valid(data)
    with pytest.raises(ValueError, match="not a result of the grader"):
        from_json(json.dumps(data))


@pytest.mark.parametrize("where", [where for where in PLACES if where not in REQUIRED])
def test_a_key_that_was_added_later_may_be_missing(where: tuple[str | int, ...]) -> None:
    data = json.loads(to_json(verdict()))
    del at(data, where[:-1])[where[-1]]

    assert VALIDATOR.is_valid(data)
    read = json.loads(to_json(from_json(json.dumps(data))))
    assert at(read, where[:-1]).pop(where[-1]) in ("", [], None, False, 1.0)
    assert read == data


def test_keys_of_a_later_grader_are_accepted_by_schema_and_reader() -> None:
    data = json.loads(to_json(verdict()))
    extended = deepcopy(data)
    for where in [(), *(place for place in PLACES if isinstance(at(data, place), dict))]:
        if where[-1:] != ("arguments",):
            at(extended, where)["later"] = ["anything"]

    assert VALIDATOR.is_valid(extended)
    assert from_json(json.dumps(extended)) == verdict()


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"schema": "\ud800"}', "[" * 100_000])
def test_a_text_that_is_no_result_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"^The text is not a result of the grader: .+\.$"):
        from_json(text)


def test_another_schema_is_named() -> None:
    data = {**json.loads(to_json(verdict())), "schema": "grader.result/2"}
    with pytest.raises(ValueError, match=r'its schema is "grader\.result/2"'):
        from_json(json.dumps(data))


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_difference_that_is_not_finite_becomes_null_and_is_told(number: float) -> None:
    [check] = json.loads(to_json(verdict(difference=number)))["exercises"][0]["checks"]

    assert check["counterexample"]["difference"] is None
    assert check["counterexample"]["tolerance"] == 1e-4
    assert check["message"] == f"It is 2. The difference is not a finite number: {number}."


def test_points_that_are_not_finite_are_never_written() -> None:
    with pytest.raises(ValueError, match=r"nan at \$\.points"):
        to_json(msgspec.structs.replace(verdict(), points=math.nan))


def test_printed_text_that_is_no_unicode_is_escaped() -> None:
    [check] = json.loads(to_json(verdict(printed="a\ud800b")))["exercises"][0]["checks"]
    assert check["counterexample"]["printed"] == "a\\ud800b"


def test_the_json_is_indented_as_asked() -> None:
    assert to_json(verdict()).startswith('{\n  "schema": "grader.result/1",\n')
    assert to_json(verdict(), indent=0).startswith('{"schema": "grader.result/1", "')


def test_a_notebooks_card_shows_the_pictures_of_a_verdict() -> None:
    page = card(verdict(pictures=(Picture("expected", b"1st"), Picture("<yours>", b"2nd"))))
    shown = re.findall(r'<img src="data:image/png;base64,(\S+)" alt="(\S+)">', page)
    assert [(base64.b64decode(data), label) for data, label in shown] == [
        (b"1st", "expected"),
        (b"2nd", "&lt;yours&gt;"),
    ]


def test_a_verdict_as_html_has_its_style_and_no_text_of_it_is_markup() -> None:
    page = card(verdict(printed="<script>alert(1)</script>"))
    assert '<section class="verdict failed">' in page
    assert ".verdict .failed > .mark" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page
