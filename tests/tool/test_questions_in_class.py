"""A class that answered questions: right, wrong, in other forms, not at all, and what is made of it."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from helpers.course_factory import write_files
from helpers.questions import RIGHT, answers_file, make_course_with_questions

if TYPE_CHECKING:
    from pathlib import Path

    from grader.sandbox.outside.server import Isolation
    from helpers.command import Command

pytestmark = pytest.mark.usefixtures("jobs_in_this_process")

CODE = "def double(number):\n    return 2 * number\n"
CELLS = [CODE, "%answer twice_three 6", "%answer a_third 0.111"]
NOTEBOOK = {
    "cells": [{"cell_type": "code", "source": cell, "metadata": {}, "outputs": []} for cell in CELLS],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 5,
}
HANDINS = {
    "ada/double.py": CODE,
    "ada/answers.toml": answers_file(RIGHT),
    "bob/lesson.ipynb": json.dumps(NOTEBOOK),
    "cy/double.py": CODE,
    "dee/double.py": CODE,
    "dee/answers.toml": "[answers]\na_third = two thirds\n",
    "eve/answers.toml": answers_file({"a_third": "0,667"}),
}


class Desk:
    """A course with questions, a class, and its gradebook."""

    def __init__(self, root: Path, command: Command, isolation: Isolation, visibility: str) -> None:
        self.root = make_course_with_questions(root / "course", visibility=visibility)
        self.folder = write_files(root / "class", HANDINS)
        self._command, self._isolation = command, isolation
        self._book = root / "class.sqlite"

    def batch(self, *options: object) -> str:
        done = self._command.run(
            *("batch", self.folder, "--gradebook", self._book, "--isolation", self._isolation.value, *options),
            cwd=self.root,
        )
        assert done.returncode in (0, 1), done.stderr
        return done.stdout + done.stderr

    def export(self, *arguments: object) -> str:
        done = self._command.run("export", "--gradebook", self._book, *arguments, cwd=self.root)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def marks(self) -> dict[str, str]:
        _, *rows = csv.DictReader(io.StringIO(self.export("--format", "csv")))
        return {row["student"]: row["numbers/questions"] for row in rows}

    def total(self, student: str) -> str:
        _, *rows = csv.DictReader(io.StringIO(self.export("--format", "csv")))
        return next(row["total"] for row in rows if row["student"] == student)

    def pages(self, folder: Path) -> dict[str, str]:
        self.export("--format", "feedback", "-o", folder)
        return {path.stem: path.read_text() for path in folder.glob("*.html")}


@pytest.fixture
def desk(tmp_path: Path, command: Command, isolation: Isolation, request: pytest.FixtureRequest) -> Desk:
    return Desk(tmp_path, command, isolation, getattr(request, "param", "public"))


def test_a_class_that_answered_is_marked_and_told_why(desk: Desk, tmp_path: Path) -> None:
    said = desk.batch()
    assert "answers.toml is not valid TOML (line 2: Invalid value)" in said
    assert desk.marks() == {"ada": "2", "bob": "0", "cy": "0", "dee": "", "eve": "0"}

    pages = desk.pages(tmp_path / "pages")
    explanation = "Two thirds, rounded to three places, are just above 0.666."
    assert all(explanation in pages[name] for name in ("ada", "bob", "cy"))
    assert "It is squared here." in pages["bob"]
    assert "A third of a third is a ninth, and that is the square." in pages["bob"]
    assert "It is squared here." not in pages["ada"]
    assert "Not answered." in pages["cy"]
    assert "`0,667` has a comma" in pages["eve"]

    of_class = desk.export("--format", "html")
    assert "It is squared here." in of_class
    exported = json.loads(desk.export("--format", "json"))
    assert "a_third: 0.111" in json.dumps(exported)


@pytest.mark.parametrize("desk", ["hidden"], indirect=True)
def test_a_hidden_question_is_marked_and_not_explained(desk: Desk, tmp_path: Path) -> None:
    desk.batch()
    assert desk.marks()["ada"] == "2"
    pages = desk.pages(tmp_path / "pages")
    assert not any("just above 0.666" in page for page in pages.values())
    assert "It is squared here." in pages["bob"]  # as of hidden checks, the mistake behind it is named


def test_the_same_answers_beside_other_code_are_not_late(desk: Desk) -> None:
    due = "[lessons.numbers]\ndue = 2026-11-20T12:00:00\npercent = 50\n"
    policy = f'schema = "grader.policy/1"\ntime_zone = "UTC"\n{due}'
    roster = (
        write_files(desk.folder.parent, {"roster.csv": "id,submission time\nada,2026-11-20T10:00\n"}) / "roster.csv"
    )
    write_files(desk.root, {"rubrics/policy.toml": policy})
    desk.batch("--roster", roster)
    roster.write_text("id,submission time\nada,2026-11-21T10:00\n", encoding="utf-8")
    write_files(desk.folder, {"ada/double.py": f"{CODE}# the week after\n"})
    desk.batch("--roster", roster)
    assert desk.total("ada") == "7"  # half of the code's ten points are gone
    roster.write_text("id,submission time\nada,2026-11-21T11:00\n", encoding="utf-8")
    write_files(desk.folder, {"ada/answers.toml": f"{answers_file(RIGHT)}".replace("0.667", "0.6667")})
    desk.batch("--roster", roster)
    assert desk.total("ada") == "6"  # and the answers, too, which are worth two points


def test_only_who_answers_differently_is_graded_again(desk: Desk) -> None:
    desk.batch()
    assert "graded" in desk.batch()
    write_files(desk.folder, {"bob/answers.toml": answers_file({"a_third": "0.667"})})
    desk.batch()
    assert desk.marks() == {"ada": "2", "bob": "2", "cy": "0", "dee": "", "eve": "0"}


def test_an_attempt_without_answers_leaves_those_of_the_one_before(desk: Desk) -> None:
    desk.batch()
    (desk.folder / "ada/answers.toml").unlink()
    desk.batch()
    assert desk.marks()["ada"] == "2"


def test_an_override_and_an_explanation_know_questions(desk: Desk, command: Command, tmp_path: Path) -> None:
    desk.batch()
    book = ("--gradebook", tmp_path / "class.sqlite")
    done = command.run("override", "cy", "questions", "1", "--why", "Said it in class.", *book, cwd=desk.root)
    assert done.returncode == 0, done.stderr
    assert desk.marks()["cy"] == "1"
    explained = command.run("explain", "bob", *book, cwd=desk.root)
    assert "questions" in explained.stdout
