"""The class page and feedback in a real browser: sorting and searching, phones, no script, and texts that attack."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

from grader.classroom.class_page import class_page
from grader.classroom.deciding import Decisions
from grader.classroom.export import Wanted, class_of
from grader.classroom.feedback import feedback
from grader.classroom.gradebook import Gradebook
from grader.classroom.records import Delivery, Graded
from grader.course.finding import find_course
from grader.report.formats.html import report
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
)
from helpers.course_factory import make_course
from helpers.marked_class import DOUBLE, LIBRARIES, Pupil, marked_class, result
from helpers.patience import ENDLESS

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

ENDLESS_MS = ENDLESS * 1000
HOSTILE = "</pre></script><script>alert(1)</script><img src='https://evil.example/x.png' onerror=alert(2)>"
_FILE = io.BytesIO()
Image.new("RGB", (8, 8)).save(_FILE, "png")
PNG = _FILE.getvalue()
PUPILS = (
    Pupil("1", [4.0], "Beta, Bo"), Pupil("2", [10.0], "Alpha, Ada"), Pupil("3", [None], "Gamma, Cy"),
    Pupil("4", [9.5], "Delta, Dee"),
)  # fmt: skip


class Visit:
    """A page that somebody opened from a file, and what it has tried."""

    def __init__(self, browser: Browser, place: Path, width: int = 1280, *, scripts: bool = True) -> None:
        context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=scripts)
        context.set_default_timeout(ENDLESS_MS)
        self.page: Page = context.new_page()
        self.asked: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("dialog", lambda dialog: (self.errors.append(dialog.message), dialog.dismiss()))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(place.as_uri())

    def elsewhere(self) -> list[str]:
        """Return what it asked for beside itself and the pictures in it."""
        return [url for url in self.asked[1:] if not url.startswith("data:")]

    def column(self, number: int) -> list[str]:
        """Return the texts of a column of the rows that are shown, from the top."""
        rows = self.page.locator("#table tbody tr:visible")
        return [text.strip() for text in rows.locator(f"td:nth-child({number})").all_inner_texts()]


@pytest.fixture
def page_of_class(tmp_path: Path) -> Path:
    course = find_course(make_course(tmp_path / "course"))
    place = tmp_path / "class.html"
    place.write_text(class_page(marked_class(course, [*PUPILS, Pupil(f"5{HOSTILE}", [4.0], HOSTILE)])))
    return place


def test_the_table_sorts_by_numbers_and_names_and_searches(chromium: Browser, page_of_class: Path) -> None:
    visit = Visit(chromium, page_of_class)
    visit.page.get_by_role("columnheader", name="points").click()
    assert visit.column(2) == ["open", "4", "4", "9.5", "10"]
    visit.page.get_by_role("columnheader", name="points").press("Enter")
    assert visit.column(2) == ["10", "9.5", "4", "4", "open"]
    visit.page.get_by_role("columnheader", name="student").click()
    assert [name.split(",")[0] for name in visit.column(1)][-4:] == ["Alpha", "Beta", "Delta", "Gamma"]
    visit.page.get_by_label("Search the students").fill("ta not doubled")
    assert [name.split(",")[0] for name in visit.column(1)] == ["Beta", "Delta"]
    expect(visit.page.locator("#found")).to_have_text("2 of 5")
    assert (visit.errors, visit.elsewhere()) == ([], [])


def test_a_link_to_a_student_who_is_filtered_out_shows_them(chromium: Browser, page_of_class: Path) -> None:
    visit = Visit(chromium, page_of_class)
    visit.page.get_by_label("Search the students").fill("gamma")
    visit.page.locator("#misconceptions ~ .misconception").first.get_by_text("Beta, Bo").click()
    expect(visit.page.locator("#student-0")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scripts", [True, False])
def test_the_class_page_fits_its_window_and_needs_no_script(
    chromium: Browser, page_of_class: Path, width: int, scripts: bool
) -> None:
    visit = Visit(chromium, page_of_class, width, scripts=scripts)
    assert len(visit.column(1)) == 5
    expect(visit.page.locator("#tools")).to_be_visible(visible=scripts)
    if scripts:
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
    assert (visit.errors, visit.elsewhere()) == ([], [])


@pytest.mark.parametrize("width", [1280, 390])
def test_a_page_of_feedback_runs_nothing_asks_for_nothing_and_fits(
    chromium: Browser, tmp_path: Path, width: int
) -> None:
    course = find_course(make_course(tmp_path / "course"))
    book = Gradebook.create(tmp_path / "class.sqlite", course.name, LIBRARIES)
    student = f"ada{HOSTILE}"
    number = book.attempt(Delivery(student, HOSTILE, f"{HOSTILE}.py", sha256="a"))
    code = {f"{HOSTILE}.py": f"x = 1  # {HOSTILE}\n{'y' * 500}\n"}
    book.store(student, number, [Graded(result(DOUBLE, 4.0, 10.0, HOSTILE), {}, 0.1, "strict", True, code)])
    Decisions(course, book, HOSTILE).comment(student, "double", HOSTILE, f"{HOSTILE}.py", 1)
    exported = class_of(course, book)._replace(wanted=Wanted(tmp_path / "class.sqlite"))
    [file] = feedback(exported).files
    (tmp_path / "page.html").write_bytes(file.content)
    visit = Visit(chromium, tmp_path / "page.html", width)
    expect(visit.page.get_by_text("alert(1)").first).to_be_visible()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
    assert visit.page.locator("script").count() == 0
    assert (visit.errors, visit.elsewhere()) == ([], [])


# --- the report of one verdict ---


def test_a_report_is_accessible_in_light_dark_and_on_a_phone(chromium: Browser, page_of_report: Path) -> None:
    for scheme, width in (("light", 1280), ("dark", 1280), ("light", 390)):
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(page_of_report.as_uri())
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        context.close()


def test_a_hostile_submissions_report_runs_and_fetches_nothing(chromium: Browser, page_of_report: Path) -> None:
    visit = Visit(chromium, page_of_report)
    visit.page.get_by_role("main").wait_for()
    closed = visit.page.locator("details:not([open]) > summary")
    while closed.count():
        closed.first.press("Enter")
    assert visit.page.get_by_text("alert(1)").count() > 0  # it is there as text
    assert (visit.errors, visit.elsewhere()) == ([], [])


@pytest.fixture
def page_of_report(tmp_path: Path) -> Path:
    calls = tuple(Call("double", {"number": HOSTILE, "other": str(n)}, ("other",) * n, HOSTILE) for n in range(2))
    picture = (Picture("a figure", PNG, HOSTILE),)
    found = Counterexample("double(2)", {}, HOSTILE, HOSTILE, HOSTILE, 0.5, 0.1, HOSTILE, picture, calls, (HOSTILE,))
    message = f"{HOSTILE}\n  {HOSTILE}.py, line 1 in `double`:\n      {HOSTILE}"
    checks = tuple(
        CheckResult(f"test_{n}", HOSTILE, "public", Outcome.FAILED, f"{n} {message}", 0.1, found, (Diagnosis(str(n), HOSTILE, HOSTILE),))
        for n in range(3)
    )  # fmt: skip
    criteria = (CriterionResult(HOSTILE, 0.0, 10.0, Outcome.FAILED, "hidden", ("test_0",), False),)
    exercises = tuple(
        ExerciseResult("numbers", name, 0.0, 10.0, Outcome.FAILED, checks, criteria) for name in ("double", "triple")
    )
    place = tmp_path / "report.html"
    place.write_text(
        report(
            Verdict(
                grader="0", course=HOSTILE, submission=SubmissionInfo(HOSTILE, "00"), isolation="strict", tier="cpu",
                seed=None, points=0.0, max_points=20.0, exercises=exercises,
                code=(CodeFile(f"{HOSTILE}.py", tuple(CodeLine(n, HOSTILE * 4) for n in range(1, 4))),),
            )
        )
    )  # fmt: skip
    return place
