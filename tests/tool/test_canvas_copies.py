"""Feedback in copies of files that Canvas takes back: it reaches its student, and whatever it says, code stays code."""

from __future__ import annotations

import ast
import io
import json
import tokenize
import zipfile
from typing import TYPE_CHECKING, Any

import msgspec
import nbformat
import pytest

from grader.classroom.annotating import MARK, Remarks, annotated
from grader.classroom.deciding import Decisions
from grader.classroom.export import Upload, Wanted, class_of
from grader.classroom.formats.feedback import pages
from grader.classroom.gradebook import Gradebook
from grader.classroom.handins import content_hash, deliveries, handins_of, read_handed_in
from grader.classroom.platforms.canvas import PLATFORM
from grader.classroom.platforms.download import opened
from grader.classroom.records import Graded
from grader.classroom.roster import Member, Roster
from grader.course.finding import find_course
from grader.errors import UsageError
from grader.submission.model import Problem
from helpers.course_factory import make_course
from helpers.fake_platforms import CanvasAssignment, CanvasFile
from helpers.marked_class import DOUBLE, LIBRARIES, result

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.light

CODE = b"def double(number):\r\n    return (\r\n        number\r\n    )\r\n"
PLACE = "  {}, line 3 in `double`:\n      number"


def notebook(*cells: tuple[str, str]) -> bytes:
    """Return a notebook of cells: kind and text."""
    found = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(text) if kind == "code" else nbformat.v4.new_markdown_cell(text)
            for kind, text in cells
        ]
    )
    return nbformat.writes(found).encode()


def archive(**files: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as content:
        for name, text in files.items():
            content.writestr(f"{name}.py", text)
    return written.getvalue()


class Class:
    """A class in Canvas, and a gradebook of what its download held."""

    def __init__(self, root: Path) -> None:
        self.course = find_course(make_course(root / "course", ["numbers/double"]))
        self.assignment = CanvasAssignment([], {})
        self.names: dict[str, str] = {}
        self.groups: dict[str, str] = {}
        self.place, self.zip = root / "class.sqlite", root / "submissions.zip"
        self.book = Gradebook.create(self.place, self.course.name, LIBRARIES)
        self.decisions = Decisions(self.course, self.book, "eve")
        self.said: list[str] = []

    def hand_in(self, user: str, attachment: str, name: str, content: bytes, known_as: str = "alphaada") -> None:
        self.assignment.files = [each for each in self.assignment.files if each.user != user]
        self.assignment.files.append(CanvasFile(user, attachment, name, content))
        self.assignment.names = {**self.assignment.names, user: known_as}

    def grade(self, place: str = "", *, points: float = 4.0, printed: str = "") -> None:
        """Store a result of everything in the download; the failing check names a line in `place`."""
        self.zip.write_bytes(self.assignment.downloaded())
        members = [Member(key, name, group=self.groups.get(key, "")) for key, name in self.names.items()]
        self.book.enrol(members, [])
        with opened(self.zip) as download:
            for handin in handins_of(PLATFORM, download, Roster(members)):
                read = read_handed_in(handin).submission
                assert not isinstance(read, Problem)
                found = result(DOUBLE, points, 10.0, printed)
                public = msgspec.structs.replace(
                    found.checks[0], message=f"It raised.\n{PLACE.format(place or handin.files[0].path)}"
                )
                found = msgspec.structs.replace(found, checks=(public, *found.checks[1:]))
                for delivery in deliveries(handin):
                    number = self.book.attempt(delivery._replace(sha256=content_hash(read)))
                    self.book.store(delivery.student, number, [Graded(found, {}, 0.1, "strict")])

    def uploaded(self) -> tuple[dict[tuple[str, str], bytes], list[str]]:
        """Return what Canvas attaches and what it ignores of the feedback on the download as it was graded."""
        wanted = Wanted(self.place, fill=self.zip, upload=Upload.CANVAS)
        found = pages(class_of(self.course, self.book)._replace(wanted=wanted))
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w") as content:
            for file in found.files:
                content.writestr(file.path, file.content)
        self.said = list(found.said)
        return self.assignment.uploaded(written.getvalue())


@pytest.fixture
def class_(tmp_path: Path) -> Class:
    return Class(tmp_path)


def code_of(text: str) -> str:
    """Return what is left of code without the lines that were added."""
    return "\n".join(line for line in text.split("\n") if not line.lstrip().startswith(MARK))


def test_code_comes_back_with_comments_and_says_what_it_said(class_: Class) -> None:
    class_.hand_in("1001", "50001", "double-1.py", CODE)
    class_.grade()
    class_.decisions.comment("1001", "double", "Look here.", "double.py", 1)
    class_.decisions.comment("1001", "double", "Well begun.")
    taken, ignored = class_.uploaded()
    text = taken["1001", "double-1.py"].decode()
    assert (ignored, class_.said) == ([], [])
    assert code_of(text).strip() == CODE.decode().replace("\r\n", "\n").strip()
    assert ast.dump(ast.parse(text)) == ast.dump(ast.parse(CODE))
    for part in (
        "Total: 4 of 10 points", "double: 4 of 10 points", "Two is doubled.", "It is not doubled.", "eve: Well begun.",
        "    )\n    # >> line 3: double: Two is doubled.\n", "def double(number):\n# >> line 1: eve: Look here.\n",
    ):  # fmt: skip
        assert part in text, part
    assert text.count("Look here.") == 1
    assert "told-hidden" not in text


def test_every_name_leads_to_the_student_whose_file_it_is(class_: Class) -> None:
    class_.names = {"1004": "Dee", "1005": "Eli"}
    class_.groups = {"1004": "team_7", "1005": "team_7"}
    class_.hand_in("1001", "50001", "double.py", CODE)
    class_.hand_in("1002", "50002", "double.py", CODE, "anonbo")
    class_.hand_in("1003", "50003", "double_3_4.py", CODE, "anon_bo_LATE")
    class_.hand_in("1004", "50004", "double.py", CODE, "team_7")
    class_.hand_in("anon_x7Yz9", "50006", "double.py", CODE)
    for key in ("1001", "1002", "1003", "anon_x7Yz9"):
        class_.names[key] = ""
    class_.grade()
    taken, ignored = class_.uploaded()
    assert (ignored, class_.said) == ([], [])
    assert {user for user, _ in taken} == {"1001", "1002", "1003", "1004", "anon_x7Yz9"}


def test_a_group_gets_one_copy_only_if_it_says_the_same_to_all(class_: Class) -> None:
    class_.names = {"1004": "Dee", "1005": "Eli"}
    class_.groups = {"1004": "team_7", "1005": "team_7"}
    class_.hand_in("1004", "50004", "double.py", CODE, "team_7")
    class_.grade()
    assert "Dee" not in str(class_.uploaded()[0]["1004", "double.py"])
    class_.decisions.override("1005", "double", 9, "An appeal.")
    assert class_.uploaded()[0] == {}
    assert "are one group and have different feedback" in class_.said[0]


def test_a_notebook_comes_back_with_cells_of_text(class_: Class) -> None:
    work = notebook(("markdown", "# Mine"), ("code", "def double(number):\n    x = 1\n    return number"))
    class_.hand_in("1001", "50001", "work.ipynb", work)
    class_.grade("work.ipynb, cell 2")
    read: Any = nbformat.reads(class_.uploaded()[0]["1001", "work.ipynb"].decode(), as_version=4)
    nbformat.validate(read)
    own = json.loads(work)["cells"]
    assert [cell["id"] for cell in read.cells if cell["id"] in {each["id"] for each in own}] == [e["id"] for e in own]
    assert [cell.cell_type for cell in read.cells] == ["markdown", "markdown", "code", "markdown"]
    assert "Total: 4 of 10 points" in read.cells[0].source
    assert "line 3: double: Two is doubled." in read.cells[3].source


def test_an_archive_comes_back_with_the_page(class_: Class) -> None:
    class_.hand_in("1001", "50001", "work.zip", archive(double=CODE))
    class_.grade("double.py")
    content = zipfile.ZipFile(io.BytesIO(class_.uploaded()[0]["1001", "work.zip"]))
    assert content.namelist() == ["feedback.html"]
    assert "4 of 10 points" in content.read("feedback.html").decode()


def test_who_gets_none_is_named_with_the_reason(class_: Class) -> None:
    class_.hand_in("1001", "50001", "double.py", CODE)
    class_.hand_in("1002", "50002", "double.py", CODE, "betabo")
    class_.names = {"1001": "Alpha, Ada", "1002": "Beta, Bo", "1003": "Cy"}
    class_.grade()
    class_.hand_in("1001", "50011", "double-1.py", CODE + b"# again\n")
    class_.hand_in("1009", "50009", "double.py", CODE, "newned")
    class_.zip.write_bytes(class_.assignment.downloaded())
    taken, _ = class_.uploaded()
    assert {user for user, _ in taken} == {"1002"}
    assert class_.said == [
        "1 are not in the gradebook: newned (1009).",
        "1 handed in something else than what was graded, so grade it first: Alpha, Ada (1001).",
        "1 have nothing in the download: Cy (1003).",
    ]


def test_text_that_was_typed_in_has_no_number_and_gets_no_copy(class_: Class) -> None:
    class_.assignment = CanvasAssignment(
        [], {"1001": "alphaada"}, {"1001": "<p>def double(number):<br>    return 1</p>"}
    )
    class_.zip.write_bytes(class_.assignment.downloaded())
    with opened(class_.zip) as download:
        [handin] = handins_of(PLATFORM, download, Roster(()))
        read = read_handed_in(handin).submission
        [delivery] = deliveries(handin)
        sha256 = "" if isinstance(read, Problem) else content_hash(read)
        said = read.sentence if isinstance(read, Problem) else ""
        class_.book.attempt(delivery._replace(sha256=sha256, problem=said))
    assert class_.uploaded() == ({}, [])
    assert "handed in no file that can hold feedback" in class_.said[0]


def test_the_download_is_asked_for_and_must_be_one(class_: Class, tmp_path: Path) -> None:
    exported = class_of(class_.course, class_.book)
    with pytest.raises(UsageError, match="name what its `Download Submissions` gave you, with --fill"):
        pages(exported._replace(wanted=Wanted(class_.place, upload=Upload.CANVAS)))
    (tmp_path / "other.zip").write_bytes(archive(ada=CODE))
    with pytest.raises(UsageError, match="nothing that is named as Canvas names hand-ins"):
        pages(exported._replace(wanted=Wanted(class_.place, fill=tmp_path / "other.zip", upload=Upload.CANVAS)))


HOSTILE = "one\nimport os\r\nos.x()\x0c\nos.y()\u2028os.z()\x00 ``` \n# coding: utf-7"


@pytest.mark.parametrize(
    "code",
    [
        CODE,
        b"# coding: latin-1\nx = '\xe9'\n",
        b"\xef\xbb\xbfx = 1\n",
        b'"""Doc\nstring."""\nfrom __future__ import annotations\nx = """\n1\n"""\ny = 1 + \\\n    2',
        b"",
    ],
)
def test_no_remark_ever_becomes_code(code: bytes) -> None:
    places = {(0, line): [HOSTILE] for line in range(1, 12)}
    text = (annotated("x.py", code, Remarks([HOSTILE], places)) or b"").decode()
    encoding, _ = tokenize.detect_encoding(io.BytesIO(code).readline)
    assert ast.dump(ast.parse(text)) == ast.dump(ast.parse(code.decode(encoding)))
    assert text.count("os.y()") == 12


def test_code_that_is_not_python_gets_remarks_below_its_lines() -> None:
    text = (annotated("x.py", b"def f(:\n  '''\n", Remarks(["Not Python."], {(0, 1): ["Here."]})) or b"").decode()
    assert text == "# >> Not Python.\n\ndef f(:\n# >> line 1: Here.\n  '''\n"


@pytest.mark.parametrize("content", [b"", b"[]", b"[" * 100_000, b'{"cells": 3}', b'{"worksheets": []}'])
def test_what_is_called_a_notebook_and_is_none_gets_no_copy(content: bytes) -> None:
    assert annotated("x.ipynb", content, Remarks([], {})) is None


def test_a_notebooks_remark_stays_text() -> None:
    copy = annotated("x.ipynb", notebook(("code", "1")), Remarks([HOSTILE], {(1, 1): ["</pre><script>"]}))
    cells = json.loads(copy or b"")["cells"]
    assert all(
        cell["source"].startswith("````text\n" if "```" in cell["source"][3:-3] else "```text\n")
        for cell in (cells[0], cells[2])
    )


def test_other_files_hold_none_and_an_answer_in_text_begins_with_it() -> None:
    remarks = Remarks(["Good."], {})
    assert annotated("x.pdf", b"%PDF", remarks, b"page") is None
    assert annotated("x.rar", b"Rar!", remarks, b"page") is None
    assert annotated("x.zip", b"PK", remarks) is None
    assert annotated("x.md", b"Mine.", remarks) == b"```text\nGood.\n```\n\nMine."
