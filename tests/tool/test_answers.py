"""Answers in text: where they are found in every form of a hand-in, what is not one, and what cannot be read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.course.finding import find_course
from grader.grading import Conditions
from grader.results import Answer
from grader.sandbox.outside.reader import read_handed_in_texts, read_handin
from grader.sandbox.reading import model_data
from grader.sandbox.wire.frames import WireError
from grader.submission import limits
from grader.submission.answers import PLACEHOLDER, Text
from grader.submission.model import Problem, Submission
from grader.submission.reading import read_submission, stubs_in_place
from helpers.answers import OWN, PAGE, Files, answers, course_to_answer
from helpers.archives import zipped
from helpers.course_factory import make_course, write_files
from helpers.doubling import GOOD
from helpers.notebooks import notebook
from helpers.notebooks import text as text_cell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.course.model import Course, Exercise

pytestmark = pytest.mark.light


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return course_to_answer(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def double(course: Course) -> Exercise:
    return course.exercises[0]


def as_folder(tmp_path: Path, files: Mapping[str, str | bytes]) -> Submission:
    return read_handin(write_files(tmp_path / "alice", dict(files)))


def as_archive(tmp_path: Path, files: Mapping[str, str | bytes]) -> Submission:
    (tmp_path / "alice.zip").write_bytes(zipped(files))
    return read_handin(tmp_path / "alice.zip")


def as_archive_in_archive(tmp_path: Path, files: Mapping[str, str | bytes]) -> Submission:
    (tmp_path / "all.zip").write_bytes(zipped({"alice.zip": zipped(files)}))
    return read_handin(tmp_path / "all.zip")


def as_texts(_tmp_path: Path, files: Mapping[str, str | bytes]) -> Submission:
    return read_handed_in_texts(
        "alice", [(name, text if isinstance(text, bytes) else text.encode()) for name, text in files.items()]
    )


FORMS = (as_folder, as_archive, as_archive_in_archive, as_texts)
every_form = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)


def read(tmp_path: Path, files: Mapping[str, str | bytes]) -> Submission:
    return read_submission(write_files(tmp_path / "alice", dict(files)))


def cells(*texts: str) -> str:
    """Return a notebook with a solution and these cells of text behind it."""
    return notebook(GOOD, *map(text_cell, texts))


# --- where an answer is found -----------------------------------------------------------------------------------------

FOUND: dict[str, tuple[Files, list[tuple[str, str]]]] = {
    "a file of the name": (
        {"work.py": GOOD, "essay/double.md": f"# Title\n\n{OWN}\n"},
        [("essay/double.md", f"# Title\n\n{OWN}")],
    ),
    "a text file": ({"work.py": GOOD, "double.txt": OWN}, [("double.txt", OWN)]),
    "a copy in other letters": ({"work.py": GOOD, "Double (1).MD": OWN}, [("Double (1).MD", OWN)]),
    "the docstring": (
        {"double.py": f'"""Doubling.\n\n{OWN}\n"""\n{GOOD}'},
        [("double.py, docstring at the top", f"Doubling.\n\n{OWN}")],
    ),
    "a heading in a notebook": ({"work.ipynb": cells(f"## double\n\n{OWN}")}, [("work.ipynb, cell 2", OWN)]),
    "bold in a notebook": ({"work.ipynb": cells(f"**Answer: double**\n\n{OWN}")}, [("work.ipynb, cell 2", OWN)]),
    "an underlined heading": ({"work.ipynb": cells(f"My double\n=========\n{OWN}")}, [("work.ipynb, cell 2", OWN)]),
    "several cells": (
        {"work.ipynb": cells("## `double`", OWN, "### More\n\nWords.", "## Other\n\nNot mine.")},
        [("work.ipynb, cells 2 to 4", f"{OWN}\n\n### More\n\nWords.")],
    ),
    "the cells of a notebook of the name": (
        {"double.ipynb": cells(OWN, "More.")},
        [("double.ipynb, cells 2 to 3", f"{OWN}\n\nMore.")],
    ),
    "a heading in another file": (
        {"work.py": GOOD, "answers.md": f"# Homework\n\n## double\n{OWN}\n\n## halve\nOther.\n"},
        [("answers.md, line 3", OWN)],
    ),
    "bold lines in another file": (
        {"work.py": GOOD, "answers.md": f"**double**\n{OWN}\n\n**Mind**\nthis.\n\n**halve**\nOther.\n"},
        [("answers.md, line 1", f"{OWN}\n\n**Mind**\nthis.")],
    ),
    "a heading in another docstring": (
        {"work.py": f'"""Homework 3, Alice.\n\n# double\n\n{OWN}\n"""\n{GOOD}'},
        [("work.py, docstring at the top", OWN)],
    ),
    "two of them": (
        {"double.ipynb": cells(OWN), "double.md": "Longer."},
        [("double.md", "Longer."), ("double.ipynb, cell 2", OWN)],
    ),
    "once, if it is there twice": ({"work.py": GOOD, "double.md": OWN, "copy/double.md": OWN}, [("double.md", OWN)]),
    "what is not kept aside": ({"work.py": GOOD, "double.md": OWN, "old/double.md": "Before."}, [("double.md", OWN)]),
    "what is kept aside, alone": ({"work.py": GOOD, "old/double.md": "Before."}, [("old/double.md", "Before.")]),
    "below a line that was left": (
        {"work.ipynb": cells(f"## double\n\n{PLACEHOLDER}\n{OWN}")},
        [("work.ipynb, cell 2", OWN)],
    ),
}


@every_form
@pytest.mark.parametrize(("files", "expected"), FOUND.values(), ids=FOUND)
def test_an_answer_is_found(
    tmp_path: Path, double: Exercise, form: Any, files: Files, expected: list[tuple[str, str]]
) -> None:
    assert answers(form(tmp_path, files), double) == expected


def test_an_answer_ends_at_code_and_at_the_next_heading_of_its_level(tmp_path: Path, double: Exercise) -> None:
    made = notebook(
        text_cell("## double"), text_cell(OWN), GOOD, text_cell("After code.\n\n### double\n\nAgain.\n\n## Else\n\nNo.")
    )
    assert answers(read(tmp_path, {"work.ipynb": made}), double) == [
        ("work.ipynb, cells 1 to 2", OWN),
        ("work.ipynb, cell 4", "Again."),
    ]


def test_of_two_lessons_with_one_name_each_has_its_own_answers(tmp_path: Path) -> None:
    both = find_course(make_course(tmp_path / "course", ["a/double", "b/double"]))
    submission = read(tmp_path, {"a/double.py": GOOD, "a/double.md": "A.", "b/double.py": GOOD, "b/double.md": "B."})
    assert [answers(submission, exercise) for exercise in both.exercises] == [
        [("a/double.md", "A.")],
        [("b/double.md", "B.")],
    ]


def test_in_place_an_answer_lies_in_the_folder_of_its_lesson(tmp_path: Path) -> None:
    made = make_course(tmp_path, ["a/double", "b/double"])
    write_files(made / "exercises", {"a/double.md": "A.", "b/lesson.ipynb": cells("## double\n\nB.")})
    (made / "exercises/a/double.py").write_text(f'"""Doubling.\n\n{OWN}\n"""\n{GOOD}')
    course = find_course(made)
    submission = stubs_in_place(course)
    assert [answers(submission, exercise) for exercise in course.exercises] == [
        [("a/double.py, docstring at the top", f"Doubling.\n\n{OWN}"), ("a/double.md", "A.")],
        [("b/lesson.ipynb, cell 2", "B.")],
    ]


# --- what is not an answer --------------------------------------------------------------------------------------------

NOT_FOUND: dict[str, Files] = {
    "no text": {"work.py": GOOD},
    "an empty file": {"work.py": GOOD, "double.md": " \n"},
    "a heading alone": {"work.py": GOOD, "double.md": "# double\n"},
    "an answer cell nobody filled in": {"work.ipynb": cells(f"### Your answer: double\n\n{PLACEHOLDER}")},
    "the lesson's page": {"work.py": GOOD, "README.md": PAGE},
    "the lesson's page under another name": {"work.py": GOOD, "double.md": PAGE},
    "a docstring of one line": {"double.py": f'"""My solution, and a long line {"of words " * 30}."""\n{GOOD}'},
    "a docstring in a file of another name": {"work.py": f'"""Homework.\n\nBy Alice.\n"""\n{GOOD}'},
    "a docstring further down": {"double.py": f'{GOOD}\n"""\n{OWN}\n\n"""\n'},
    "comments": {"double.py": f"# {OWN}\n# double\n{GOOD}"},
    "a heading in a block of code": {"work.ipynb": cells(f"```\n## double\n{OWN}\n```")},
    "a longer word": {"work.ipynb": cells(f"## Redoubled\n\n{OWN}")},
    "bold inside a sentence": {"work.ipynb": cells(f"So **double** is easy.\n\n{OWN}")},
    "hidden files": {"work.py": GOOD, ".git/double.md": OWN, "__MACOSX/._double.md": OWN},
    "another file": {"work.py": GOOD, "notes.txt": OWN, "double.csv": OWN},
}


@pytest.mark.parametrize("files", NOT_FOUND.values(), ids=NOT_FOUND)
def test_what_is_not_an_answer(tmp_path: Path, double: Exercise, files: Files) -> None:
    assert answers(read(tmp_path, files), double) == []


def test_the_docstring_of_a_stub_is_not_an_answer(tmp_path: Path) -> None:
    stub = '"""Doubling.\n\nSaid by the course, on more than a line.\n"""\n\ndef double(number):\n    raise NotImplementedError\n'
    made = make_course(tmp_path / "course", ["numbers/double"], changes={"exercises/numbers/double.py": stub})
    exercise = find_course(made).exercises[0]
    untouched = read(tmp_path, {"double.py": stub})
    assert answers(untouched, exercise) == []
    own = read_handed_in_texts("bob", [("double.py", stub.replace("Said by", f"{OWN}\n\nSaid by").encode())])
    assert [place for place, _ in answers(own, exercise)] == ["double.py, docstring at the top"]


def test_the_course_of_this_project_as_it_is_handed_out_answers_nothing() -> None:
    course = find_course(Path(__file__).parents[2])
    exercises = [e for e in course.exercises if e.name in ("customization_cost", "sketch_to_picture")]
    for exercise in exercises:
        for path in (exercise.stub, exercise.stub.parent, exercise.stub.parent / "lesson.ipynb"):
            assert answers(read_submission(path), exercise) == []
        assert answers(stubs_in_place(course), exercise) == []
    assert len(exercises) == 2


# --- code is read as before -------------------------------------------------------------------------------------------


@every_form
def test_text_changes_nothing_about_the_code(tmp_path: Path, double: Exercise, form: Any) -> None:
    code: Files = {"double.py": GOOD, "deep/b.py": "x = 1\n"}
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    with_text = form(
        tmp_path / "b", code | {"double.md": "def double(number): return 0", "deep/notes.txt": "x", "other/a.md": OWN}
    )
    alone = form(tmp_path / "a", code)
    assert with_text.sha256 == alone.sha256
    assert with_text.source_of(double) == alone.source_of(double)


def test_only_a_changed_text_changes_the_hash_of_the_answers(tmp_path: Path) -> None:
    hashes = [
        as_texts(tmp_path, {"double.py": GOOD} | more).answers_sha256
        for more in (
            {},
            {"double.md": "A."},
            {"double.md": "A.", "b.py": "x = 1"},
            {"double.md": "B."},
            {"work.ipynb": cells("A.")},
        )
    ]
    assert hashes[0] == ""
    assert hashes[1] == hashes[2]
    assert len({*hashes}) == 4


# --- what cannot be read, and what is too much ------------------------------------------------------------------------

UNREAD = {
    "Latin-1": ("double.md", "Gr\xfc\xdfe".encode("latin-1"), "double.md is not UTF-8: save it as UTF-8 text."),
    "null bytes": ("double.md", b"a\0b", "double.md is not UTF-8: save it as UTF-8 text."),
    "half of UTF-16": ("double.md", b"\xff\xfea\xd8b", "double.md is not UTF-8: save it as UTF-8 text."),
    "a PDF document": ("double.pdf", b"%PDF-1.7", "double.pdf is not read: write your answer in a .md or .txt file."),
    "a Word document": (
        "double.docx",
        b"PK\x03\x04",
        "double.docx is not read: write your answer in a .md or .txt file.",
    ),
    "another kind": (
        "double.md",
        b"%PDF-1.7\n",
        "double.md is really a PDF document: write your answer as plain text.",
    ),
}


@every_form
@pytest.mark.parametrize(("name", "content", "sentence"), UNREAD.values(), ids=UNREAD)
def test_what_cannot_be_read_is_said(
    tmp_path: Path, double: Exercise, form: Any, name: str, content: bytes, sentence: str
) -> None:
    submission = form(tmp_path, {"work.py": GOOD, name: content, "notes.md": content})
    assert submission.unread_answers_to(double) == (sentence,)
    assert answers(submission, double) == []
    assert not isinstance(submission.source_of(double), Problem)


def test_a_link_is_not_followed(tmp_path: Path, double: Exercise) -> None:
    (tmp_path / "secret").write_text("the answers")
    folder = write_files(tmp_path / "alice", {"double.py": GOOD})
    (folder / "double.md").symlink_to(tmp_path / "secret")
    submission = read_handin(folder)
    assert answers(submission, double) == []
    assert submission.unread_answers_to(double) == (
        "double.md is a symbolic link, which is not followed: hand in the file itself.",
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_texts_of_several_systems_are_read(tmp_path: Path, double: Exercise, encoding: str) -> None:
    submission = read(tmp_path, {"double.py": GOOD, "double.md": "Grüße\r\nund mehr\r".encode(encoding)})
    assert answers(submission, double) == [("double.md", "Grüße\nund mehr")]


def test_control_characters_and_pictures_inside_a_text_are_left_out(tmp_path: Path, double: Exercise) -> None:
    picture = f"![a](data:image/png;base64,{'A' * 300_000}==)"
    submission = read(tmp_path, {"work.ipynb": cells(f"# double\n{picture}\n\x1b[2Jone\ud800\u00a0\ttwo")})
    assert answers(submission, double) == [("work.ipynb, cell 2", "![a](left-out)\n\ufffd[2Jone\ufffd\u00a0\ttwo")]


@every_form
def test_the_rest_of_a_text_that_is_too_long_is_not_read(tmp_path: Path, double: Exercise, form: Any) -> None:
    submission = form(tmp_path, {"work.py": GOOD, "double.md": "é" * limits.MAX_TEXT_BYTES})
    assert [(place, {*text}, len(text)) for place, text in answers(submission, double)] == [
        ("double.md", {"é"}, limits.MAX_TEXT_BYTES // 2)
    ]
    [sentence] = submission.unread_answers_to(double)
    assert sentence.startswith("double.md is longer than 100 kB: what comes after that is not read.")


def test_of_too_much_text_the_smallest_files_are_read(tmp_path: Path, double: Exercise) -> None:
    many: Files = {f"captions/{n}.txt": "x" * limits.MAX_TEXT_BYTES for n in range(20)}
    submission = as_folder(tmp_path, {"work.py": GOOD, "aa/double.md": OWN} | many)
    assert answers(submission, double) == [("aa/double.md", OWN)]
    [sentence] = submission.unread_answers_to(double)
    assert sentence.startswith("There is more than 1 MB of text beside the code")


def test_all_answers_to_an_exercise_have_a_limit(tmp_path: Path, double: Exercise) -> None:
    files: Files = {f"{n}/double.md": str(n) * 70_000 for n in range(4)}
    found = answers(as_folder(tmp_path, {"work.py": GOOD} | files), double)
    assert sum(len(text) for _, text in found) == limits.MAX_ANSWER_CHARACTERS


HOSTILE = {
    "headings": "#\n" * 50_000,
    "asterisks": "*" * 100_000,
    "bold": "**a" * 33_000,
    "underscores": "__ " * 33_000,
    "fences": "```\n" * 25_000,
    "blanks": " " * 100_000,
    "underlines": "a\n=\n" * 25_000,
    "items": "* a\n" * 25_000,
    "blank lines": "\n \t" * 33_000 + "a",
    "names": "# double\n" * 11_000,
    "pictures": "data:a/b;base64," * 6_000,
    "data": "data:" * 20_000,
    "script": "# double\n<script>alert(1)</script>\n{{ 7 * 7 }}\n$(rm -rf /)\n",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_are_texts(tmp_path: Path, double: Exercise, content: str) -> None:
    made = notebook(GOOD, text_cell(content))
    submission = as_folder(tmp_path, {"double.py": GOOD, "double.md": content, "a.md": content, "work.ipynb": made})
    assert submission.problem is None
    assert all(text in content + "\n" for _, text in answers(submission, double) if "left-out" not in text)


@pytest.mark.parametrize(
    "text",
    [Text("a\x1b[2J.md", ""), Text("a.md", "", "\x07"), Text("a.md", "", sentence="Clear\x1b[2J"), Text("a.md", 7)],  # type: ignore[arg-type]
)
def test_a_text_that_would_spoil_a_message_is_not_believed(text: Text) -> None:
    data = model_data.encode(Submission("alice", "0" * 64, (), _texts=(text,)))
    with pytest.raises(WireError):
        model_data.decode(data)


# --- what is graded --------------------------------------------------------------------------------------------------


@pytest.mark.torch
def test_a_graded_exercise_has_the_answers_if_a_person_marks_a_part_of_it(course: Course, tmp_path: Path) -> None:
    from grader.grading import warm_grader
    from grader.sandbox.outside.server import Isolation

    submission = as_folder(tmp_path, {"double.py": "broken(", "double.md": OWN, "halve.md": OWN})
    with warm_grader(course, course.exercises, Conditions(Isolation.AUTO)) as grader:
        results = grader.grade(submission, course.exercises).exercises
    assert [each.answers for each in results] == [(Answer("double.md", OWN),), ()]
