"""Answers in text and a verdict: it says where they were found, how to answer, and what could not be read."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import grader
from grader.notebook.card import card
from grader.report.console import console
from grader.report.formats.markdown import markdown
from grader.report.formats.terminal import verdict as drawn
from grader.results import Answer, CriterionResult, ExerciseResult, Outcome, exercise_from_json, to_json
from helpers.answers import OWN, whole

pytestmark = pytest.mark.light

CRITERION = CriterionResult("The comparison", 0.0, 3.0, Outcome.SKIPPED, "public", (), manual=True)


def result(**fields: Any) -> ExerciseResult:
    settings: dict[str, Any] = {"criteria": (CRITERION,), **fields}
    return ExerciseResult("numbers", "double", 7.0, 10.0, Outcome.PASSED, (), **settings)


def verdicts(**fields: Any) -> list[str]:
    """Return the verdict as text, as Markdown and as a card."""
    made = whole(result(**fields))
    file = io.StringIO()
    console(file).print(drawn(made))
    return [" ".join(file.getvalue().split()), markdown(made), card(made)]


def test_the_verdict_says_where_the_answer_was_found() -> None:
    for shown in verdicts(answers=(Answer("lesson.ipynb, cell 7", OWN),)):
        assert "The comparison" in shown
        assert "(3 points, given by a person)" in shown
        assert "Your answer: lesson.ipynb, cell 7." in shown
        assert "Not answered yet" not in shown
        assert OWN not in shown


def test_the_verdict_says_how_to_answer_what_is_not_answered_yet() -> None:
    for shown in verdicts():
        assert "Not answered yet. Write your answer in double.md beside your code" in shown


def test_the_verdict_says_what_could_not_be_read() -> None:
    for shown in verdicts(unread_answers=("double.md is not UTF-8: save it as UTF-8 text.",)):
        assert "double.md is not UTF-8: save it as UTF-8 text." in shown
        assert "Not answered yet" not in shown


def test_the_name_of_a_file_is_no_markup() -> None:
    text, comment, page = verdicts(answers=(Answer("<b>[x](http://e)`[red]", OWN),))
    assert "<b>[x](http://e)`[red]" in text
    assert r"\<b\>\[x\](http://e)\`\[red\]" in comment
    assert "&lt;b&gt;[x](http://e)`[red]" in page


def test_an_exercise_without_criteria_by_hand_says_nothing_of_answers() -> None:
    for shown in verdicts(criteria=()):
        assert "Not answered yet" not in shown


def test_answers_are_in_the_json_of_a_result_which_may_lack_them() -> None:
    found = result(answers=(Answer("double.md", OWN),), unread_answers=("double.txt is not UTF-8.",))
    schema = json.loads((Path(grader.__file__).parent / "schemas" / "result-1.schema.json").read_text("utf-8"))
    data = json.loads(to_json(found))
    jsonschema.validate(data, schema | {"$ref": "#/$defs/exercise", "required": [], "type": "object"})
    assert data["answers"] == [{"place": "double.md", "text": OWN}]
    assert exercise_from_json(to_json(found)) == found
    del data["answers"], data["unread_answers"]
    assert exercise_from_json(json.dumps(data)) == result()
