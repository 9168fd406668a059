"""Answers to questions as they are handed in: in files, notebooks and scripts, and what counts of them."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import TYPE_CHECKING

import pytest

from grader.course.finding import find_course
from grader.sandbox.outside.reader import read_handed_in_texts
from grader.submission.model import Problem
from grader.submission.reading import read_submission, read_texts, stubs_in_place
from helpers.course_factory import write_files
from helpers.questions import RIGHT, answers_file, make_course_with_questions

if TYPE_CHECKING:
    from pathlib import Path

    from grader.course.model import Exercise
    from grader.submission.model import Submission

CODE = ("double.py", b"def double(number):\n    return 2 * number\n")


@pytest.fixture
def questions(tmp_path: Path) -> Exercise:
    found = find_course(make_course_with_questions(tmp_path / "course")).lessons[0].questions
    assert found is not None
    return found


def notebook(*cells: str, kind: str = "code") -> bytes:
    made = [{"cell_type": kind, "source": cell, "metadata": {}, "outputs": []} for cell in cells]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def given(submission: Submission, questions: Exercise) -> dict[str, tuple[str, str]]:
    return {name: tuple(each) for name, each in submission.answers_to_questions(questions).given.items()}  # type: ignore[misc]


def answers(**said: str) -> tuple[str, bytes]:
    return "answers.toml", answers_file(said).encode()


def problem_of(submission: Submission, questions: Exercise) -> Problem | None:
    found = submission.source_of(questions)
    return found if isinstance(found, Problem) else None


def test_answers_are_read_from_a_file_beside_the_code(questions: Exercise) -> None:
    submission = read_texts("work", [CODE, answers(twice_three="6", what_stays="sign")])
    assert given(submission, questions) == {
        "twice_three": ("6", "answers.toml, line 3"), "what_stays": ("sign", "answers.toml, line 4"),
    }  # fmt: skip
    assert submission.is_written(questions)
    assert problem_of(submission, questions) is None


@pytest.mark.parametrize(
    "name", ["answers-1.toml", "answers (2).toml", "answers.toml.txt", "hw/Answers.toml", "mine.toml"]
)
def test_a_file_of_answers_is_known_by_its_name_or_by_its_schema(questions: Exercise, name: str) -> None:
    submission = read_texts("work", [CODE, (name, answers(twice_three="6")[1])])
    assert given(submission, questions)["twice_three"][0] == "6"


def test_another_toml_file_holds_no_answers(questions: Exercise) -> None:
    submission = read_texts("work", [CODE, ("pyproject.toml", b"[answers]\ntwice_three = 6\n")])
    assert given(submission, questions) == {}
    assert submission.answers_sha256 == ""


def test_answers_alone_are_a_hand_in(questions: Exercise) -> None:
    submission = read_texts("work", [answers(twice_three="6")])
    assert submission.problem is not None
    assert submission.problem.only_text
    assert given(submission, questions)["twice_three"][0] == "6"


def test_answers_are_read_from_an_archive_and_from_a_folder(questions: Exercise, tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("work/exercises/numbers/answers.toml", answers_file(RIGHT))
        archive.writestr("work/exercises/numbers/double.py", CODE[1])
    (tmp_path / "work.zip").write_bytes(packed.getvalue())
    write_files(tmp_path / "folder", {"numbers/answers.toml": answers_file(RIGHT), "numbers/double.py": CODE[1]})
    for path in (tmp_path / "work.zip", tmp_path / "folder"):
        found = given(read_submission(path), questions)
        assert {name: text for name, (text, _) in found.items()} == RIGHT


def test_lines_in_code_cells_are_answers_and_the_last_one_counts(questions: Exercise) -> None:
    cells = ["%answer twice_three 7", "x = 1\n  %answer what_stays sign  # of course", "%answer twice_three 6"]
    submission = read_texts("work", [("lesson.ipynb", notebook(*cells))])
    assert given(submission, questions) == {
        "twice_three": ("6", "lesson.ipynb, cell 3"), "what_stays": ("sign", "lesson.ipynb, cell 2"),
    }  # fmt: skip


def test_a_line_that_nobody_has_filled_in_is_not_an_answer(questions: Exercise) -> None:
    cells = ["%answer twice_three 6", "%answer twice_three ...", "%answer what_stays"]
    submission = read_texts("work", [("lesson.ipynb", notebook(*cells))])
    assert given(submission, questions).keys() == {"twice_three"}


def test_a_line_in_a_cell_of_text_is_not_an_answer(questions: Exercise) -> None:
    submission = read_texts("work", [("lesson.ipynb", notebook("%answer twice_three 6", kind="markdown"))])
    assert given(submission, questions) == {}


def test_a_cell_that_is_not_python_is_read_for_answers(questions: Exercise) -> None:
    submission = read_texts("work", [("lesson.ipynb", notebook("def (:\n%answer twice_three 6"))])
    assert given(submission, questions)["twice_three"][0] == "6"


@pytest.mark.parametrize(
    "line",
    [
        "get_ipython().run_line_magic('answer', 'by_size minus_two, half, one')",
        'get_ipython().run_line_magic("answer", "by_size minus_two, half, one")',
        "# %answer by_size minus_two, half, one",
        "%answer by_size minus_two, half, one",
    ],
)
def test_an_exported_notebook_keeps_its_answers(questions: Exercise, line: str) -> None:
    submission = read_texts("work", [("lesson.py", f"{CODE[1].decode()}\n{line}\n".encode())])
    assert given(submission, questions)["by_size"] == ("minus_two, half, one", "lesson.py, line 4")


def test_a_file_of_answers_goes_before_lines_in_code(questions: Exercise) -> None:
    submission = read_texts(
        "work",
        [answers(twice_three="6"), ("lesson.ipynb", notebook("%answer twice_three 7", "%answer what_stays sign"))],
    )
    assert {name: text for name, (text, _) in given(submission, questions).items()} == {
        "twice_three": "6", "what_stays": "sign",
    }  # fmt: skip


def test_two_files_that_say_different_things_are_held_back(questions: Exercise) -> None:
    submission = read_texts(
        "work", [("a/answers.toml", answers(twice_three="6")[1]), ("b/answers.toml", answers(twice_three="7")[1])]
    )
    problem = problem_of(submission, questions)
    assert problem is not None
    assert problem.undecided
    assert problem.sentence == (
        "`twice_three` is answered in a/answers.toml, line 3 and in b/answers.toml, line 3 in different ways: keep one."
    )


def test_what_lies_in_a_folder_for_old_work_gives_way(questions: Exercise) -> None:
    files = [("new/answers.toml", answers(twice_three="6")[1]), ("old/answers.toml", answers(twice_three="7")[1])]
    assert given(read_texts("work", files), questions)["twice_three"][0] == "6"


def test_a_file_that_cannot_be_read_is_held_back_with_its_line(questions: Exercise) -> None:
    submission = read_texts("work", [CODE, ("answers.toml", b"[answers]\ntwice_three = six\n")])
    problem = problem_of(submission, questions)
    assert problem is not None
    assert problem.undecided
    assert problem.sentence.startswith(
        "answers.toml is not valid TOML (line 2: Invalid value): write one answer a line"
    )


def test_in_place_the_file_of_the_lesson_counts_alone(questions: Exercise) -> None:
    root = questions.root
    write_files(root, {
        "exercises/numbers/answers.toml": answers_file({"twice_three": "6"}),
        "exercises/numbers/lesson.ipynb": notebook("%answer twice_three 7", "%answer what_stays sign"),
    })  # fmt: skip
    found = given(stubs_in_place(find_course(root)), questions)
    assert found == {"twice_three": ("6", "numbers/answers.toml, line 3")}


def test_another_answer_is_another_attempt() -> None:
    first, second = (read_texts("work", [CODE, answers(twice_three=text)]) for text in ("6", "7"))
    assert first.sha256 == second.sha256
    assert first.answers_sha256 != second.answers_sha256
    assert read_texts("work", [CODE]).answers_sha256 == ""


def test_answers_travel_from_the_confined_child_that_reads(questions: Exercise) -> None:
    submission = read_handed_in_texts(
        "work", [answers(twice_three="6"), ("lesson.ipynb", notebook("%answer what_stays sign"))]
    )
    assert {name: text for name, (text, _) in given(submission, questions).items()} == {
        "twice_three": "6", "what_stays": "sign",
    }  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        b"[answers]\ntwice_three = '\x1b[2J" + b"x" * 5000 + b"'\n",
        b'[answers]\ntwice_three = "' + b'\\u0000\\u001b[31m"\n',
        b"[answers]\n" + b"\n".join(b"a%d = 1" % n for n in range(5000)),
        b"[answers]\n" + b"a" * 70_000 + b" = 1\n",
        b"[[[[[[[[" * 9000,
        b"\xff\xfe\x00\x00",
        b"[answers]\n'../../x' = 1\n\"__class__\" = 2\n",
        hashlib.sha512(b"noise").digest() * 100,
    ],
)
def test_hostile_files_of_answers_are_read_without_harm(questions: Exercise, content: bytes) -> None:
    submission = read_handed_in_texts("work", [CODE, ("answers.toml", content)])
    found = submission.answers_to_questions(questions)
    said = [each.text for each in found.given.values()] + list(found.unread) + list(found.faults.values())
    assert all(len(text) < 1000 and text.isprintable() for text in said)
    assert not isinstance(submission.source_of(find_course(questions.root).exercises[0]), Problem)
