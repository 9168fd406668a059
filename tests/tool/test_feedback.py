"""Pages for students: what they show, what they must not, and how they reach the right student."""

from __future__ import annotations

import io
import re
import zipfile
from contextlib import closing
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import msgspec
import pytest

from grader.classroom.deciding import Decisions
from grader.classroom.export import Upload, Wanted, class_of
from grader.classroom.feedback import feedback, feedback_for_moodle
from grader.classroom.formats.feedback import pages
from grader.classroom.gradebook import Gradebook
from grader.classroom.records import Delivery, Graded
from grader.course.finding import find_course
from grader.errors import UsageError
from grader.report.failures import only_reason
from grader.report.hidden import without_hidden_details
from grader.results import Answer, CheckResult, CriterionResult, Outcome, Picture
from helpers.course_factory import make_course, write_files
from helpers.marked_class import DOUBLE, LIBRARIES, result

if TYPE_CHECKING:
    from pathlib import Path

    from grader.report.documents import Files
    from helpers.command import Command

pytestmark = pytest.mark.light

MANUAL = """
[[exercises.double.criteria]]
title = "The idea, in words"
points = 4
visibility = "public"
manual = true
"""
HOSTILE = "</pre></code><script>alert(1)</script><img src='https://evil.example/x.png' onerror=alert(1)>"
CODE = f"def double(number):\n    return number  # {HOSTILE}\n"
LATE = '[defaults]\ndue = 2026-11-20T12:00:00\npercent = 10\nof = "maximum"\n'


class Desk:
    """A gradebook with one student whose every text is hostile, and whatever else a test puts in."""

    def __init__(self, root: Path) -> None:
        self.root = make_course(root / "course", ["numbers/double", "numbers/twofold"])
        rubric = self.root / "rubrics/numbers.toml"
        first, second, rest = rubric.read_text().partition("[exercises.twofold]")
        first = first.replace("points = 10\n", "points = 14\n", 1).replace("points = 20\n", "points = 24\n", 1)
        rubric.write_text(first + MANUAL + "\n" + second + rest)
        write_files(self.root, {"rubrics/policy.toml": f'schema = "grader.policy/1"\ntime_zone = "UTC"\n{LATE}'})
        self.course = find_course(self.root)
        self.place = root / "class.sqlite"
        self.book = Gradebook.create(self.place, self.course.name, LIBRARIES)
        self.decisions = Decisions(self.course, self.book, "eve")

    def hand_in(self, student: str, points: float | None = 4.0, name: str = "", said: str = "") -> None:
        number = self.book.attempt(
            Delivery(student, name, f"{said}work.py", "2026-11-21T10:00:00+00:00", sha256=f"{student}{points}")
        )
        found = result(DOUBLE, points, 10.0, said)
        if points is not None:
            idea = CriterionResult("The idea, in words", 0.0, 4.0, Outcome.SKIPPED, "public", (), True)
            public = found.checks[0]
            if public.counterexample:
                picture = (Picture(f"{said}yours", b"png"),)
                example = msgspec.structs.replace(public.counterexample, pictures=picture)
                public = msgspec.structs.replace(
                    public, counterexample=example,
                    message=f"{said}It raised.\n  {said}work.py, line 2 in `double`:\n      return number",
                )  # fmt: skip
            found = msgspec.structs.replace(
                found, checks=(public, *found.checks[1:]), criteria=(*found.criteria, idea), max_points=14.0,
                answers=(Answer(f"{said}double.md", f"A **bold** idea. {said}\n\n![x](https://evil.example/y.png)"),),
            )  # fmt: skip
        graded = [Graded(found, {"libraries": LIBRARIES}, 0.1, "strict", True, {f"{said}work.py": CODE})]
        self.book.store(student, number, graded)

    def pages(self, write: object = feedback, **wanted: object) -> dict[str, str]:
        exported = class_of(self.course, self.book)._replace(wanted=Wanted(self.place, **wanted))  # type: ignore[arg-type]
        found: Files = write(exported)  # type: ignore[operator]
        self.said = found.said
        return {file.path: file.content.decode() for file in found.files}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


class Elements(HTMLParser):
    """Collects the elements of a page, and fails where they do not close."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes)))


def test_a_page_explains_every_number_and_shows_what_public_checks_found(desk: Desk) -> None:
    desk.hand_in("ada", 4.0, "Ada Alpha")
    desk.decisions.give("ada", "double", "The idea, in words", 3, "clear, and short")
    desk.decisions.comment("ada", "double", "Look again here.", "work.py", 2)
    desk.decisions.comment("ada", "double", "Well begun.")
    page = desk.pages()["ada.html"]
    for part in (
        "Ada Alpha", "5.6 of 14 points", "Earned 7, lateness -1.4.", " late", "eve: clear, and short",
        "3 of 4", "Two is doubled.", "It raised.", "data:image/png;base64,cG5n", "It is not doubled.",
        "Minus three is doubled.", "(hidden)", "Look again here.", "Well begun.", "A <strong>bold</strong> idea.",
        "2026-11-21 10:00 UTC", "counts for double",
    ):  # fmt: skip
        assert part in page, part
    assert '<div data-line="2" class="concerned">    return number' in page


def test_of_hidden_checks_no_page_has_inputs_or_expected_values(desk: Desk) -> None:
    desk.hand_in("ada")
    assert "told-hidden" in str(desk.book.record("ada"))
    assert "told-hidden" not in desk.pages()["ada.html"]


def test_nothing_that_people_wrote_is_markup_and_nothing_comes_from_elsewhere(desk: Desk) -> None:
    desk.hand_in(f"ada{HOSTILE}", 4.0, HOSTILE, said=HOSTILE)
    student = f"ada{HOSTILE}"
    desk.decisions.comment(student, "double", HOSTILE)
    desk.decisions.comment(student, "double", HOSTILE, f"{HOSTILE}work.py", 2)
    desk.decisions.give(student, "double", "The idea, in words", 3, HOSTILE)
    [page] = desk.pages().values()
    elements = Elements(page).found
    assert {tag for tag, _ in elements}.isdisjoint({"script", "iframe", "object", "embed", "link", "base", "form"})
    for _, attributes in elements:
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("src", "href"):
            assert re.match(r"data:image/png;base64,|#", attributes.get(name) or "#"), attributes
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in page


def test_no_mark_is_said_to_be_open_and_not_zero(desk: Desk) -> None:
    desk.hand_in("ada", None)
    page = desk.pages()["ada.html"]
    assert "No total yet" in page
    assert "The grader broke on this exercise: grade it again." in page
    assert ">0 of" not in page


def test_a_point_of_a_line_stands_at_that_line_of_that_attempt_alone(desk: Desk) -> None:
    desk.hand_in("ada", 2.0)
    desk.decisions.comment("ada", "double", "On the first one.", "work.py", 1)
    desk.hand_in("ada", 3.0)
    page = desk.pages()["ada.html"]
    assert page.count("On the first one.") == 1
    assert "on attempt 1" in page


def test_an_answer_alone_stands_with_the_code_of_the_attempt_before(desk: Desk) -> None:
    desk.hand_in("ada", 4.0)
    found = msgspec.structs.replace(result(DOUBLE, 0.0, 10.0), answers=(Answer("double.md", "A new idea."),))
    number = desk.book.attempt(Delivery("ada", handin="double.md", sha256="text"))
    desk.book.store("ada", number, [Graded(found, {}, 0.1, "strict", written=False)])
    page = desk.pages()["ada.html"]
    for part in (
        "It counts with the code of attempt 1, as if both had been handed in with attempt 2.", "A new idea.",
        "counts for double (its code)", "return number",
    ):  # fmt: skip
        assert part in page, part
    assert "A <strong>bold</strong> idea." not in page


def test_file_names_of_pages_are_safe(desk: Desk) -> None:
    for student in ("../../etc/passwd", "ADA", "ada", "=x", "CON"):
        desk.hand_in(student)
    names = desk.pages()
    assert len({name.casefold() for name in names}) == 5
    assert all(re.fullmatch(r"[^/\\.=][^/\\]*\.html", name) for name in names)


def test_moodle_gets_pages_for_participants_and_never_for_a_group(desk: Desk, tmp_path: Path) -> None:
    write_files(tmp_path, {"sheet.csv": "Identifier,Full name,Status\n" + "".join(
        f"Participant {number},{name},x\n" for number, name in [(4101, "Ada Al_pha"), (31, "Cy"), (4102, "Bo")]
    )})  # fmt: skip
    desk.hand_in("4101", name="Ada Al_pha")
    desk.hand_in("31", name="Team Blue")  # the number of a group, which is also that of a participant
    desk.hand_in("Team 7_4102", name="Team 7")
    found = desk.pages(feedback_for_moodle, fill=tmp_path / "sheet.csv")
    assert list(found) == ["Ada Al pha_4101_assignsubmission_file_/report.html"]
    assert desk.said == [
        f"2 are not participants in {tmp_path / 'sheet.csv'}, and have no page: Team Blue (31), Team 7 (Team 7_4102)."
    ]
    for name in found:
        first = name.split("/")[0].split("_")
        assert (len(first), first[1].isdigit(), first[2:4]) == (5, True, ["assignsubmission", "file"])


def test_what_a_platform_cannot_take_is_refused(desk: Desk) -> None:
    desk.hand_in("4101")
    with pytest.raises(UsageError, match="name the grading worksheet with --fill"):
        desk.pages(pages, upload=Upload.MOODLE)
    with pytest.raises(UsageError, match="name what its `Download Submissions` gave you, with --fill"):
        desk.pages(pages, upload=Upload.CANVAS)


def test_the_command_writes_pages_and_packs_them(desk: Desk, command: Command) -> None:
    desk.hand_in("ada")
    desk.book.close()
    arguments = ["export", "--gradebook", desk.place, "--format", "feedback"]
    assert command.run(*arguments, "-o", "pages", cwd=desk.root).returncode == 0
    assert [path.name for path in (desk.root / "pages").iterdir()] == ["ada.html"]
    done = command.run(*arguments, "--zip", "moodle", "-o", "pages.d", cwd=desk.root)
    assert (done.returncode, "name it with -o FILE.zip" in done.stderr) == (2, True)
    write_files(desk.root, {"sheet.csv": "identifier,name\nParticipant 1,Zed\n"})
    done = command.run(*arguments, "--zip", "moodle", "--fill", "sheet.csv", "-o", "pages.zip", cwd=desk.root)
    assert done.returncode == 0
    assert "1 are not participants" in done.stderr
    assert zipfile.ZipFile(io.BytesIO((desk.root / "pages.zip").read_bytes())).namelist() == []


def test_each_page_is_made_when_it_is_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for student in ("ada", "bo", "cy"):
        desk.hand_in(student)
    read: list[str] = []
    record = Gradebook.record
    monkeypatch.setattr(Gradebook, "record", lambda book, key: (read.append(key), record(book, key))[1])
    exported = class_of(desk.course, desk.book)._replace(wanted=Wanted(desk.place))
    with closing(feedback(exported).files) as files:  # type: ignore[type-var]
        next(files)
        assert read == ["ada"]


def test_hidden_checks_that_failed_are_not_one_reason_for_all() -> None:
    passed = CheckResult("test_two", "Twice two.", "public", Outcome.PASSED, "", 0.0, None, ())
    failed = CheckResult("test_minus", "Below zero.", "hidden", Outcome.FAILED, "It was 3.", 0.0, None, ())
    exercise = msgspec.structs.replace(result(DOUBLE, 4.0, 10.0), checks=(passed, failed))
    assert only_reason(without_hidden_details(exercise)) is None
