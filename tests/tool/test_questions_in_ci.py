"""Answers to questions in a pull request: they are work, and are graded where they were changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from helpers.course_factory import write_files
from helpers.notebooks import notebook
from helpers.pull_requests import Project, writing
from helpers.questions import ANSWERS, CRITERION, QUESTIONS, RIGHT, answers_file

if TYPE_CHECKING:
    from pathlib import Path

    from grader.sandbox.outside.server import Isolation
    from helpers.command import Command

FILE = "exercises/numbers/answers.toml"


@pytest.fixture
def project(tmp_path: Path, command: Command, isolation: Isolation) -> Project:
    made = Project(tmp_path)
    made.command, made.isolation = command, isolation
    rubric = made.work / "rubrics/numbers.toml"
    text = rubric.read_text().replace("points = 20\n", "points = 22\n", 1) + CRITERION.format(visibility="public")
    write_files(
        made.work,
        {
            "rubrics/numbers.toml": text,
            "exercises/numbers/questions.toml": QUESTIONS,
            "reference/numbers/questions/answers.toml": ANSWERS,
        },
    )
    made.base = made.commit("Questions")
    return made


def test_answers_are_graded_alone(project: Project) -> None:
    run = project.grade(project.pull_request(writing({FILE: answers_file(RIGHT)})))
    assert (run.status, run.stderr, run.annotations) == (0, "", [])
    assert run.outputs == {"outcome": "passed", "points": "2", "max_points": "2"}


def test_a_wrong_answer_is_annotated_with_its_mistake_and_not_explained(project: Project) -> None:
    run = project.grade(project.pull_request(writing({FILE: answers_file({"a_third": "0.111"})})))
    assert run.status == 1
    assert run.annotations[0].startswith(f"::error file={FILE},title=questions%3A It is squared here.::")
    assert "just above 0.666" not in run.stdout + run.summary


def test_answers_that_cannot_be_read_are_told(project: Project) -> None:
    run = project.grade(project.pull_request(writing({FILE: "halfway = half\n"})))
    assert run.status != 0
    assert "is not valid TOML" in run.stdout


def test_the_questions_themselves_are_protected(project: Project) -> None:
    changes = {"exercises/numbers/questions.toml": QUESTIONS.replace("twice three", "twice six")}
    run = project.grade(project.pull_request(writing(changes)))
    assert any(
        "exercises/numbers/questions.toml was edited, but students must not change it" in a for a in run.annotations
    )


def test_lines_in_a_notebook_are_graded(project: Project) -> None:
    cells = notebook("%answer a_third 0.667")
    run = project.grade(project.pull_request(writing({"exercises/numbers/work.ipynb": cells})))
    assert run.outputs == {"outcome": "passed", "points": "2", "max_points": "2"}
