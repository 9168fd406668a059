"""Questions: how they and their answers are written down, what is right, and what authors and students are told."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import nbformat
import pytest

from grader import edition
from grader.authoring.leaks import leaks
from grader.authoring.notebooks import NAME, State, build
from grader.authoring.question_faults import question_faults
from grader.authoring.release import release
from grader.course.finding import find_course
from grader.course.outline import find_outline
from grader.course.points import points
from grader.course.questions.answer_file import AnswerFileError, file_of, read_answers
from grader.course.questions.given import Given, GivenAnswers
from grader.course.questions.judging import judged
from grader.course.questions.markdown import with_marks_alone
from grader.course.questions.model import Question
from grader.course.questions.reading import QuestionsError, keys_of
from grader.course.questions.typed import AnswerError, value_of
from grader.course.rubric_reading import RubricError, load_rubrics
from grader.errors import UsageError
from grader.results import Outcome
from helpers.course_factory import make_course, write_files
from helpers.questions import ANSWERS, CRITERION, PAGE, QUESTIONS, RIGHT, make_course_with_questions

if TYPE_CHECKING:
    from pathlib import Path

    from grader.course.blanks import Support
    from grader.course.model import Course
    from grader.results import CheckResult

OPTIONS = (("kept", "They stay."), ("changed", "They change."), ("zero", "They are 0."))
NUMBER = Question("steps", "double", "Steps", "How many?", "number", "steps", (), 1)
CHOICE = Question("what", "double", "What", "What?", "choice", "", OPTIONS, 1)
ORDER = Question("which", "double", "Which", "Which first?", "order", "", OPTIONS, 1)


def verdicts(root: Path, answers: dict[str, str]) -> dict[str, CheckResult]:
    """Return what becomes of answers in the course at `root`, by question."""
    course = find_course(root)
    questions = course.lessons[0].questions
    assert questions is not None
    given = GivenAnswers({name: Given(text, "answers.toml") for name, text in answers.items()})
    found = judged(questions, load_rubrics(course)[questions.lesson, questions.name], given)
    return {result.name: result for result in found}


def faults(root: Path) -> list[str]:
    course = find_course(root)
    questions = course.lessons[0].questions
    assert questions is not None
    return question_faults(questions, load_rubrics(course)[questions.lesson, questions.name])


# --- what is typed ---


@pytest.mark.parametrize(
    ("text", "value"),
    [("681", 681), ("6.81e2", 681), (" +0.7 ", "0.7"), (".5", "0.5"), ("-3.", -3), ("12 steps", 12), ("1e-3", "0.001")],
)
def test_a_number_is_read_exactly_as_it_is_written(text: str, value: str | int) -> None:
    assert value_of(NUMBER, text) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0,7", "`0,7` has a comma: write a point before decimals, as in 0.7, and nothing between thousands."),
        ("49,409", "`49,409` has a comma: write a point before decimals, as in 0.7, and nothing between thousands."),
        ("many", "`many` is not a number: write a number with digits alone, such as 12, 0.7 or 6.81e2."),
        ("1/2", "`1/2` is not a number: write a number with digits alone, such as 12, 0.7 or 6.81e2."),
        ("nan", "`nan` is not a number: write a number with digits alone, such as 12, 0.7 or 6.81e2."),
        ("١٢", "`١٢` is not a number: write a number with digits alone, such as 12, 0.7 or 6.81e2."),
        ("9" * 41, f"`{'9' * 41}` is not a number: write a number with digits alone, such as 12, 0.7 or 6.81e2."),
        ("1e9999", "`1e9999` is not a number: write a number with digits alone, such as 12, 0.7 or 6.81e2."),
        (
            "__import__('os')",
            "`__import__('os')` is not a number: write a number with digits alone, such as 12, 0.7 or 6.81e2.",
        ),
        ("1" * 401, "Your answer has 401 characters: write a number with digits alone, such as 12, 0.7 or 6.81e2."),
    ],
)
def test_what_is_not_a_number_is_refused_with_the_remedy(text: str, said: str) -> None:
    with pytest.raises(AnswerError) as raised:
        value_of(NUMBER, text)
    assert str(raised.value) == said


@pytest.mark.parametrize("text", ["kept", " Kept ", "`kept`", '"kept".'])
def test_a_choice_is_the_name_of_an_option(text: str) -> None:
    assert value_of(CHOICE, text) == "kept"


def test_a_misspelt_option_is_answered_with_the_closest() -> None:
    with pytest.raises(AnswerError, match="`kpet` is not one of the options: did you mean `kept`"):
        value_of(CHOICE, "kpet")
    with pytest.raises(AnswerError, match="write one of kept, changed, zero"):
        value_of(CHOICE, "?!")


@pytest.mark.parametrize(
    "text", ["zero, kept, changed", "zero kept changed", "zero > kept > changed", "zero->kept;changed"]
)
def test_an_order_is_all_names_between_any_marks(text: str) -> None:
    assert value_of(ORDER, text) == ("zero", "kept", "changed")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("zero, kept", "`changed` is missing: write all of these"),
        ("zero, kept, kept", "`kept` is there 2 times: write all of these"),
        ("zero, kept, chnged", "`chnged` is not one of the options: did you mean `changed`?"),
    ],
)
def test_an_order_with_a_name_too_few_or_too_many_is_refused(text: str, said: str) -> None:
    with pytest.raises(AnswerError, match=said):
        value_of(ORDER, text)


# --- a student's file ---


def test_a_file_of_answers_may_hold_numbers_names_and_lists() -> None:
    answers = read_answers(b'[answers]\nnumber = 6.5\nname = "kept"\norder = ["a", "b"]\n')
    assert {name: written.text for name, written in answers.items()} == {
        "number": "6.5", "name": "kept", "order": "a, b",
    }  # fmt: skip


def test_what_is_written_is_read_back() -> None:
    answers = {"number": "6.81e2", "name": 'with "quotes" and \\ and ü'}
    assert {name: written.text for name, written in read_answers(file_of(answers).encode()).items()} == answers


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[answers]\nfirst = 1\nsecond = kept\n", "is not valid TOML (line 3: Invalid value)"),
        (b"[answers]\nname = \xff\n", "is not UTF-8 (byte 17)"),
        (b'schema = "grader.answers/9"\n', "has another `schema` (line 1)"),
        (b"answers = 1\n", "has `answers` that are not a table (line 1)"),
        (b"a = " + b"[" * 50_000, "has values that are too long or too deeply nested"),
        (b"a = " + b"9" * 50_000, "has values that are too long or too deeply nested"),
        (b"#" * 100_001, "is longer than 100 kB"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_where(content: bytes, said: str) -> None:
    with pytest.raises(AnswerFileError) as raised:
        read_answers(content)
    assert str(raised.value).startswith(said)


def test_a_value_of_another_kind_spoils_its_own_question_alone() -> None:
    answers = read_answers(b"[answers]\nfirst = true\nsecond = 2\n")
    assert answers["first"].fault == "`first` (line 2) is not a number, a name or a list of names: write one."
    assert (answers["second"].text, answers["second"].fault) == ("2", "")


# --- the verdict ---


def test_right_answers_pass_and_are_explained(tmp_path: Path) -> None:
    found = verdicts(make_course_with_questions(tmp_path), RIGHT)
    assert {result.outcome for result in found.values()} == {Outcome.PASSED}
    assert found["twice_three"].explanation == "Three and three more."


def test_a_tempting_answer_fails_with_the_mistake_behind_it(tmp_path: Path) -> None:
    found = verdicts(make_course_with_questions(tmp_path), {"a_third": "0.1115", "by_size": "half, one, minus_two"})
    (mistake,) = found["a_third"].diagnosis
    assert (found["a_third"].outcome, mistake.title) == (Outcome.FAILED, "It is squared here.")
    assert (mistake.variant, mistake.caught_by) == ("a_third: 0.111", "a_third")
    assert found["by_size"].diagnosis[0].title == "The sign is ignored."


def test_another_wrong_answer_is_not_explained_by_a_guess(tmp_path: Path) -> None:
    found = verdicts(make_course_with_questions(tmp_path), {"twice_three": "7"})["twice_three"]
    assert (found.outcome, found.diagnosis) == (Outcome.FAILED, ())
    assert found.message == "Your answer `7` is not right."


@pytest.mark.parametrize(("text", "outcome"), [("0.668", "passed"), ("0.666", "passed"), ("0.6681", "failed")])
def test_a_number_may_be_off_by_its_tolerance_and_no_more(tmp_path: Path, text: str, outcome: str) -> None:
    assert verdicts(make_course_with_questions(tmp_path), {"a_third": text})["a_third"].outcome == outcome


def test_only_a_question_that_counts_fails_without_an_answer(tmp_path: Path) -> None:
    found = verdicts(make_course_with_questions(tmp_path), {})
    assert {name: str(result.outcome) for name, result in found.items()} == {
        "twice_three": "skipped", "what_stays": "skipped", "by_size": "skipped", "a_third": "failed",
    }  # fmt: skip


def test_a_misspelt_name_is_pointed_out(tmp_path: Path) -> None:
    found = verdicts(make_course_with_questions(tmp_path), {"a_thrid": "0.667"})["a_third"]
    assert found.message == "Not answered. There is an answer to `a_thrid` in answers.toml: is it meant?"


# --- the course ---


def test_questions_are_one_exercise_of_their_lesson(tmp_path: Path) -> None:
    course = find_course(make_course_with_questions(tmp_path))
    assert [exercise.key for exercise in course.exercises] == ["numbers/double", "numbers/questions"]
    assert [exercise.key for exercise in course.in_code] == ["numbers/double"]
    assert [check.title for check in course.exercises[1].checks] == [
        "Twice three", "What stays", "By size", "Twice a third",
    ]  # fmt: skip


def test_a_lesson_in_which_no_question_counts_needs_no_points_for_them(tmp_path: Path) -> None:
    root = make_course_with_questions(tmp_path)
    rubric = root / "rubrics/numbers.toml"
    rubric.write_text(rubric.read_text().replace(CRITERION.format(visibility="public"), "").replace("= 12", "= 10"))
    assert load_rubrics(find_course(root))["numbers", "questions"].points == 0
    assert points(find_outline(root))["numbers/questions"] == (0, 0)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('before = "double"', 'before = "duoble"', "questions.toml:5: there is no exercise `duoble`: did you mean `double`?"),
        ('kind = "order"', 'kind = "oder"', 'key `kind` is wrong: found "oder", write "number", "choice" or "order".'),
        ('unit = "apples"', 'options.a = "b"\noptions.c = "d"', "a number has no options"),
        ('kind = "choice"', 'kind = "choice"\nunit = "m"', "only a number has a unit"),
        ("[questions.a_third]", "[questions.A-third]", 'write a name of 2 to 60 small letters'),
        ('title = "By size"', 'titel = "By size"', "key `titel` is unknown in [questions.by_size]: did you mean `title`?"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_questions_is_refused_with_its_line(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    changes = {"exercises/numbers/questions.toml": QUESTIONS.replace(before, after, 1)}
    with pytest.raises(QuestionsError, match=r"^exercises/numbers/questions\.toml:\d+: ") as raised:
        find_course(make_course_with_questions(tmp_path, changes))
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("answers.a_third", "answers.a_thrid", "there is no question `a_thrid`: did you mean `a_third`?"),
        ("answer = 6\n", 'answer = "six"\n', "the answer does not fit the question. `six` is not a number"),
        ('answer = "sign"', 'answer = "sing"', "did you mean `sign`?"),
        ("answer = 9\n", "answer = 6.0\n", "this answer is right: a tempting one is wrong."),
        ('answer = "sign"', 'answer = "sign"\ntolerance = 1', "only a number has a tolerance"),
        ("answer = 6\n", "answer = true\n", "key `answer` is wrong: found true, write a number, the name of an option"),
    ],
)
def test_a_mistake_in_the_answers_is_refused_with_its_line(tmp_path: Path, before: str, after: str, said: str) -> None:
    root = make_course_with_questions(
        tmp_path, {"reference/numbers/questions/answers.toml": ANSWERS.replace(before, after)}
    )
    with pytest.raises(QuestionsError, match=r"^reference/numbers/questions/answers\.toml:\d+: ") as raised:
        verdicts(root, {})
    assert said in str(raised.value)


def test_two_lessons_must_not_have_a_question_of_one_name(tmp_path: Path) -> None:
    make_course(tmp_path, ["numbers/double", "others/twofold"])
    one = QUESTIONS.replace('before = "double"', 'before = "{}"')
    for lesson, exercise in (("numbers", "double"), ("others", "twofold")):
        write_files(tmp_path, {f"exercises/{lesson}/questions.toml": one.replace("{}", exercise)})
    with pytest.raises(
        QuestionsError, match=r"there is a question `twice_three` in exercises/numbers/questions.toml:4, too"
    ):
        find_course(tmp_path)


def test_an_exercise_in_code_must_not_be_called_questions(tmp_path: Path) -> None:
    root = make_course(tmp_path, ["numbers/double", "numbers/questions"])
    write_files(root, {"exercises/numbers/questions.toml": QUESTIONS})
    with pytest.raises(UsageError, match="this name is for the lesson's questions"):
        find_course(root)


def test_a_rubric_that_counts_a_question_which_is_not_there_is_refused(tmp_path: Path) -> None:
    root = make_course_with_questions(tmp_path)
    rubric = root / "rubrics/numbers.toml"
    rubric.write_text(rubric.read_text().replace('["a_third"]', '["a_thrid"]'))
    with pytest.raises(RubricError, match="question `a_thrid` does not exist: did you mean `a_third`"):
        load_rubrics(find_course(root))


# --- what authors are told ---


def test_right_questions_have_no_faults(tmp_path: Path) -> None:
    assert faults(make_course_with_questions(tmp_path)) == []


@pytest.mark.parametrize(
    ("path", "before", "after", "said"),
    [
        (
            "reference/numbers/questions/answers.toml",
            ANSWERS[ANSWERS.index('[[answers.what_stays.tempting]]\nanswer = "digits"') : ANSWERS.index("[answers.by_size]")],
            "",
            "what_stays: nothing says why the option `digits` tempts: add a tempting answer.",
        ),
        (
            "reference/numbers/questions/answers.toml",
            ANSWERS[ANSWERS.index("[[answers.twice_three.tempting]]") : ANSWERS.index("[answers.what_stays]")],
            "",
            "twice_three: no wrong answer is explained: add a tempting one.",
        ),
        (
            "reference/numbers/questions/answers.toml",
            "answer = 9\n",
            'answer = 9\nmistake = "It is 9 or so."\nwhy = "It is near nine."\ntolerance = 2\n[[answers.twice_three.tempting]]\nanswer = 10\n',
            "twice_three: tempting answer 2 (10) is taken for another one: make their tolerances smaller.",
        ),
        ("exercises/numbers/README.md", "# Numbers", "# Numbers\n\nTwo thirds are 0.6667.", "a_third: its answer, 0.667, is in exercises/numbers/README.md"),
        ("exercises/numbers/README.md", "<!-- question by_size -->", "", "by_size is not in exercises/numbers/README.md: add the line <!-- question by_size --> once, before `double`."),
        ("exercises/numbers/README.md", "<!-- question by_size -->", "<!-- question by_sise -->", "did you mean `by_size`?"),
    ],
)  # fmt: skip
def test_a_fault_of_questions_is_a_sentence(tmp_path: Path, path: str, before: str, after: str, said: str) -> None:
    root = make_course_with_questions(tmp_path)
    text = (root / path).read_text()
    assert before in text
    (root / path).write_text(text.replace(before, after, 1))
    assert any(said in fault for fault in faults(root)), faults(root)


def test_a_question_after_its_exercise_is_a_fault(tmp_path: Path) -> None:
    page = PAGE.replace("<!-- question by_size -->\n", "") + "\n## And then\n\n<!-- question by_size -->\n"
    assert faults(make_course_with_questions(tmp_path, {"exercises/numbers/README.md": page})) == [
        "by_size stands after `double` in exercises/numbers/README.md: move it before the exercise."
    ]


def test_the_text_of_a_question_is_brought_onto_the_page_and_into_the_notebook(tmp_path: Path) -> None:
    root = make_course_with_questions(tmp_path)
    (lesson,) = find_course(root).lessons
    assert build(lesson) is State.BUILT
    page = (root / "exercises/numbers/README.md").read_text()
    assert (
        "> **Question: By size**\n>\n> Sort by the result, the smallest first.\n>\n> * `minus_two`: twice -2\n" in page
    )
    assert "> Answer with a number. It counts 2 points.\n>\n> `grade answer a_third NUMBER`\n<!-- /question -->" in page
    assert build(lesson) is State.UP_TO_DATE
    notebook = (root / "exercises/numbers/lesson.ipynb").read_text()
    assert notebook.index("%answer a_third ...") < notebook.index("%%exercise double")
    questions = root / "exercises/numbers/questions.toml"
    questions.write_text(questions.read_text().replace("the smallest first", "the largest last"))
    (lesson,) = find_course(root).lessons
    assert build(lesson, check=True) is State.STALE
    assert build(lesson) is State.BUILT
    assert (root / "exercises/numbers/README.md").read_text() == page.replace("the smallest first", "the largest last")


# --- what students get ---


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """Return a students' copy of the course with questions."""
    root = make_course_with_questions(tmp_path / "course")
    edition.write(tmp_path / "released", edition.files(find_course(root), edition.COURSE, mistakes=False))
    return tmp_path / "released"


def test_a_release_has_the_answers_to_practice_questions_alone(released: Path) -> None:
    questions = find_course(released).lessons[0].questions
    assert questions is not None
    assert keys_of(questions).keys() == {"twice_three", "what_stays", "by_size"}
    found = verdicts(released, {**RIGHT, "twice_three": "9"})
    assert found["what_stays"].outcome is Outcome.PASSED
    assert found["twice_three"].diagnosis[0].title == "It is squared."
    assert found["a_third"].outcome is Outcome.SKIPPED
    assert found["a_third"].message == ("Noted: `0.667`. It counts 2 points when your instructor grades your work.")


def test_nothing_in_a_release_says_the_answer_to_a_question_that_counts(released: Path) -> None:
    said = {path: path.read_text() for path in released.rglob("*") if path.is_file()}
    assert not [path for path, text in said.items() if "0.667" in text or "Two thirds" in text or "a ninth" in text]
    assert not [path for path, text in said.items() if "Three times three" in text]  # nobody reads it by accident


def test_points_of_questions_that_count_are_decided_later_in_a_release(released: Path) -> None:
    assert points(find_outline(released))["numbers/questions"] == (0, 2)


def test_a_release_that_says_an_answer_is_a_leak(tmp_path: Path, released: Path) -> None:
    course = find_course(tmp_path / "course")
    assert leaks(course, released) == []
    page = released / "exercises/numbers/README.md"
    page.write_text(page.read_text() + "\nTwo thirds, rounded to three places,\nare just above 0.666.\n")
    (leak,) = leaks(course, released)
    assert (leak.path, leak.what) == ("exercises/numbers/README.md", "the answer to `a_third`")


def test_all_answers_in_the_obscured_file_are_a_leak(tmp_path: Path, released: Path) -> None:
    course = find_course(tmp_path / "course")
    files = edition.files(course, edition.SELF_STUDY, mistakes=False)
    (released / "mistakes/numbers/questions.json").write_bytes(files["mistakes/numbers/questions.json"])
    assert {leak.what for leak in leaks(course, released)} == {"the answer to `a_third`"}


def test_what_is_said_of_practice_too_is_not_a_leak(tmp_path: Path) -> None:
    both = ANSWERS.replace("It is squared here.", "It is squared.")
    course = find_course(
        make_course_with_questions(tmp_path / "course", {"reference/numbers/questions/answers.toml": both})
    )
    edition.write(tmp_path / "released", edition.files(course, edition.COURSE, mistakes=False))
    assert leaks(course, tmp_path / "released") == []


def test_who_studies_alone_has_all_answers_and_can_reach_the_points(tmp_path: Path) -> None:
    course = find_course(make_course_with_questions(tmp_path / "course"))
    edition.write(tmp_path / "alone", edition.files(course, edition.SELF_STUDY, mistakes=False))
    assert verdicts(tmp_path / "alone", RIGHT)["a_third"].outcome is Outcome.PASSED
    assert points(find_outline(tmp_path / "alone"))["numbers/questions"] == (2, 0)


SOLUTION = '''
def double(number):
    """Return it."""
    # step: Add the number to itself.
    # blank: return ____
    return number + number
'''
FOLDED = """
`grade answer what_stays NAME`

<details><summary>Answer</summary>

**`sign`**

A positive number stays positive, and a negative one negative.

Why other answers tempt:

* `parity`: Odd numbers are forgotten. Every result is even, so an odd number does not stay odd.
* `digits`: Carrying is forgotten. Twice 5 is 10, which has a digit more.

</details>
<!-- /question -->
"""


@pytest.fixture(scope="module")
def whole_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Return a course with questions whose page and notebook are built, and of which nothing has to be recorded."""
    root = make_course_with_questions(
        tmp_path_factory.mktemp("source"), {"reference/numbers/double/solution.py": SOLUTION}
    )
    (root / "reference/numbers/double/wrong/unchanged.py").unlink()
    course = find_course(root)
    build(course.lessons[0])
    return course


def text_cells(root: Path) -> dict[str, str]:
    notebook = nbformat.read(root / "exercises/numbers" / NAME, as_version=4)
    return {cell.id: cell.source for cell in notebook.cells if cell.cell_type == "markdown"}


@pytest.mark.parametrize("support", [None, "guided", "supported", "independent"])
def test_who_studies_alone_finds_answers_folded_away_below_the_questions(
    whole_course: Course, support: Support | None, tmp_path: Path
) -> None:
    release(whole_course, tmp_path / "alone", "self-study", support=support)
    assert "The answer to a question is folded away below it" in (tmp_path / "alone/README.md").read_text()
    page = (tmp_path / "alone/exercises/numbers/README.md").read_text()
    assert FOLDED in re.sub("^> ?", "", page, flags=re.MULTILINE)
    assert page.count("<details><summary>Answer<") == 4
    cells = text_cells(tmp_path / "alone")
    folded = FOLDED[FOLDED.index("<details>") : FOLDED.index("<!--")]
    assert cells["question-what_stays"].endswith(f"Answer with one of these names.\n\n{folded.strip()}")
    said = {"twice_three": "**`6` apples**", "by_size": "**`minus_two`, `half`, `one`**", "a_third": "**`0.667`**"}
    for name, right in said.items():
        assert f"<details><summary>Answer</summary>\n\n{right}\n\n" in cells[f"question-{name}"]
        assert f"> {right}\n>\n" in page


@pytest.mark.parametrize("support", [None, "guided", "supported", "independent"])
def test_who_hands_in_finds_no_answer_on_the_page_or_in_the_notebook(
    whole_course: Course, support: Support | None, tmp_path: Path
) -> None:
    release(whole_course, tmp_path / "out", "course", support=support)
    assert "The answer to a question" not in (tmp_path / "out/README.md").read_text()
    for text in ((tmp_path / "out/exercises/numbers/README.md").read_text(), *text_cells(tmp_path / "out").values()):
        assert "<summary>Answer<" not in text
        assert "tempt" not in text
    assert keys_of(whole_course.lessons[0].questions).keys() == RIGHT.keys()  # type: ignore[arg-type]
    for key in keys_of(whole_course.lessons[0].questions).values():  # type: ignore[arg-type]
        for path in [path for path in (tmp_path / "out").rglob("*") if path.is_file()]:
            assert not any(said in path.read_text() for said in (key.explanation, *(each.why for each in key.tempting)))


def test_a_page_with_answers_is_filled_again_without_them(whole_course: Course, tmp_path: Path) -> None:
    """Nothing of an answer stays where the question is written anew."""
    release(whole_course, tmp_path / "alone", "self-study")
    page = (tmp_path / "alone/exercises/numbers/README.md").read_text()
    assert with_marks_alone(page).replace(" ([solution](../../solutions/numbers.md#double))", "") == PAGE


def test_a_damaged_file_of_answers_is_named(released: Path) -> None:
    path = released / "mistakes/numbers/questions.json"
    path.write_text(path.read_text().replace("ey", "zz"))
    with pytest.raises(UsageError, match=r"questions\.json is damaged"):
        verdicts(released, RIGHT)
