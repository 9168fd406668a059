"""Questions at a desk: shown, answered, listed, and never in the way."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

import pytest

from grader import edition
from grader.course.finding import find_course
from grader.course.outline import find_outline
from grader.course.questions.answer_file import read_answers
from grader.desk.answering import question_called
from grader.desk.standing import current, following, standings
from grader.errors import UsageError
from grader.notebook.checking import answered
from grader.notebook.handin import hand_in
from grader.notebook.places import Place
from grader.start_page import start_page
from helpers.questions import RIGHT, answers_file, make_course_with_questions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from helpers.command import Command, Done

pytestmark = pytest.mark.light


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a student's copy of the course with questions."""
    root = make_course_with_questions(tmp_path / "course")
    edition.write(tmp_path / "copy", edition.files(find_course(root), edition.COURSE, mistakes=False))
    return tmp_path / "copy"


@pytest.fixture
def grade(copy: Path, command: Command) -> Callable[..., Done]:
    def run(*arguments: object, cwd: Path = copy, **environment: str) -> Done:
        return command.run(*arguments, cwd=cwd, **environment)

    return run


def written(copy: Path) -> dict[str, str]:
    content = (copy / "exercises/numbers/answers.toml").read_bytes()
    return {name: each.text for name, each in read_answers(content).items()}


def test_without_a_name_the_next_question_is_shown(grade: Callable) -> None:
    done = grade("answer")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "**Question: Twice three**\n\nWhat is twice three?\n\nAnswer with a number, in apples.\n\n"
        "grade answer twice_three NUMBER\n"
    )


def test_a_right_answer_is_explained_and_written_down(grade: Callable, copy: Path) -> None:
    done = grade("answer", "twice_three", "6")
    assert (done.returncode, done.stdout) == (0, "✓ Right. Three and three more.\nNext: grade answer what_stays\n")
    assert written(copy) == {"twice_three": "6"}


def test_a_wrong_answer_is_told_why_it_tempts_and_may_be_given_again(grade: Callable, copy: Path) -> None:
    done = grade("answer", "twice_three", "9")
    assert done.returncode == 1
    assert done.stdout == (
        "✗ Your answer `9` is not right.\n"
        "It is squared. Three times three is the square, not the double.\n"
        "You may answer again.\n"
        "Next: grade answer what_stays\n"
    )
    assert grade("answer", "twice_three", "6").returncode == 0
    assert written(copy) == {"twice_three": "6"}


@pytest.mark.parametrize("where", ["copy", "course"])
def test_an_answer_that_counts_is_only_noted(grade: Callable, tmp_path: Path, where: str) -> None:
    done = grade("answer", "a_third", "0.1", cwd=tmp_path / where)
    assert done.returncode == 0
    assert done.stdout == (
        "Noted: `0.1`. It counts 2 points when your instructor grades your work.\nNext: grade answer twice_three\n"
    )


def test_an_order_is_typed_as_several_words(grade: Callable, copy: Path) -> None:
    assert grade("answer", "by_size", "minus_two", "half", "one").returncode == 0
    assert written(copy) == {"by_size": "minus_two half one"}


def test_a_negative_number_is_not_taken_for_an_option(grade: Callable) -> None:
    assert "Your answer `-3` is not right." in grade("answer", "twice_three", "-3").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["twice_three", "0,6"], "twice_three: `0,6` has a comma: write a point before decimals"),
        (["what_stays", "sing"], "what_stays: `sing` is not one of the options: did you mean `sign`?"),
        (["twice_tree", "6"], "No question is called `twice_tree`: did you mean `twice_three`?"),
        (["letters/twice_three", "6"], "No lesson `letters` has questions."),
    ],
)
def test_what_cannot_be_taken_is_refused_and_nothing_is_written(
    grade: Callable, copy: Path, arguments: list[str], said: str
) -> None:
    done = grade("answer", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (copy / "exercises/numbers/answers.toml").exists()


def test_at_a_terminal_an_answer_is_asked_for(grade: Callable, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal("6\n"))
    done = grade("answer", "twice_three")
    assert "What is twice three?" in done.stdout
    assert "✓ Right. Three and three more." in done.stdout
    assert written(copy) == {"twice_three": "6"}
    assert grade("answer", "what_stays").returncode == 0  # and whoever ends the input has answered nothing
    assert written(copy) == {"twice_three": "6"}


def test_the_first_page_of_a_copy_says_that_answers_are_handed_in(copy: Path) -> None:
    made = {path.relative_to(copy).as_posix(): path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    assert "`exercises/LESSON/answers.toml`: hand that in, too" in start_page("Doubling", made, "", solutions=False)
    del made["exercises/numbers/questions.toml"]
    assert "answers.toml" not in start_page("Doubling", made, "", solutions=False)


def test_other_answers_stay_and_a_damaged_file_is_left_alone(grade: Callable, copy: Path) -> None:
    path = copy / "exercises/numbers/answers.toml"
    path.write_text('[answers]\nelsewhere = "1"\na_third = 0.6\n')
    assert grade("answer", "twice_three", "6").returncode == 0
    assert written(copy) == {"twice_three": "6", "a_third": "0.6", "elsewhere": "1"}
    path.write_text("[answers]\na_third = six\n")
    done = grade("answer", "twice_three", "6")
    assert done.returncode == 2
    assert "exercises/numbers/answers.toml is not valid TOML (line 2: Invalid value)" in done.stderr
    assert path.read_text() == "[answers]\na_third = six\n"


def test_a_question_that_is_answered_shows_the_answer(grade: Callable, copy: Path) -> None:
    (copy / "exercises/numbers/answers.toml").write_text(answers_file({"a_third": "0.6"}))
    assert "It counts 2 points.\n\nYour answer so far: 0.6\n" in grade("answer", "numbers/a_third").stdout


def test_when_all_are_answered_none_is_next(copy: Path) -> None:
    (copy / "exercises/numbers/answers.toml").write_text(answers_file(RIGHT))
    with pytest.raises(UsageError, match="All questions are answered"):
        question_called(find_outline(copy), "")


def test_the_list_names_questions_before_their_exercise(grade: Callable, copy: Path) -> None:
    listed = grade("list").stdout
    assert "double     0 of 4  not written yet  ? twice_three, what_stays, by_size, a_third" in listed
    assert "? questions  0 of 0  0 of 4 answered" in listed
    assert "0 of 1 exercises passed" in listed
    (copy / "exercises/numbers/answers.toml").write_text(answers_file(RIGHT))
    listed = grade("list").stdout
    assert "? twice_three" not in listed
    assert "✓ questions  0 of 0  4 of 4 answered" in listed


def test_the_list_in_sentences_names_them_too(grade: Callable, copy: Path) -> None:
    (copy / "exercises/numbers/answers.toml").write_text(answers_file({"twice_three": "6"}))
    listed = grade("list", "--plain").stdout
    assert "Not answered before double: what_stays, by_size, a_third.\n" in listed
    assert "questions: 1 of 4 answered, 0 of 0 points.\n" in listed


def test_a_file_that_cannot_be_read_is_named_in_the_list(grade: Callable, copy: Path) -> None:
    (copy / "exercises/numbers/answers.toml").write_text("[answers]\na_third = six\n")
    assert "exercises/numbers/answers.toml is not valid TOML (line 2" in grade("list", COLUMNS="200").stdout


def test_a_wrong_answer_keeps_nobody_from_going_on(copy: Path) -> None:
    (copy / "exercises/numbers/answers.toml").write_text(answers_file({"twice_three": "9"}))
    os.utime(copy / "exercises/numbers/double.py", (1, 1))  # the answers were saved last
    found = standings(find_outline(copy))
    here = current(found)
    assert here is not None
    assert here.name == "double"
    assert following(found, here) == here


def test_answers_are_neither_reset_nor_debugged(grade: Callable) -> None:
    assert "`grade answer NAME VALUE` puts another one in its place." in grade("reset", "questions").stderr
    assert "there is no code to debug" in grade("debug", "questions").stderr


# --- in a notebook ---


def test_a_line_in_a_notebook_answers(copy: Path) -> None:
    shown = answered(copy, "twice_three 6  # of course")
    assert shown["text/plain"] == "Right. Three and three more."
    assert 'class="verdict passed"' in shown["text/html"]
    assert written(copy) == {"twice_three": "6"}
    assert 'class="verdict failed"' in answered(copy, "what_stays digits")["text/html"]


def test_a_line_that_is_not_filled_in_says_what_to_do(copy: Path) -> None:
    said = "Write your answer in place of the dots: %answer by_size FIRST, SECOND, ..."
    assert answered(copy, "by_size ...")["text/plain"] == said
    assert not (copy / "exercises/numbers/answers.toml").exists()


def test_answers_are_packed_with_the_notebook(copy: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import zipfile

    monkeypatch.chdir(tmp_path)
    answered(copy, "twice_three 6")
    packed = hand_in({}, ["%answer twice_three 6"], Place(copy, "numbers"), {})
    with zipfile.ZipFile(packed) as archive:
        assert read_answers(archive.read("answers.toml"))["twice_three"].text == "6"
