"""The marking page in a real browser: a round trip by keys alone, two at once, a phone, and texts that attack."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from playwright.sync_api import expect

from grader.classroom.records import Comment, Delivery, Graded
from grader.results import Answer, Counterexample, Outcome, Picture
from helpers import postgres
from helpers.patience import ENDLESS
from helpers.small_class import DOUBLE, Class, result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

    from helpers.postgres import Server

CODE = '"""Doubles."""\n\n\ndef double(number: int) -> int:\n    # twice\n    return 2 * number\n'
GRADE = str(Path(sys.executable).with_name("grade"))
ENDLESS_MS = ENDLESS * 1000


class Site:
    """A running `grade marking`, and whoever opens it in Chromium."""

    def __init__(self, work: Class, browser: Browser, address: str) -> None:
        self.work, self.address = work, address
        self._browser = browser
        self.asked: list[str] = []  # every address that a page asked for
        self.dialogs: list[str] = []

    def visit(self, width: int = 1280, height: int = 900) -> Page:
        """Open the address in a browser without a past."""
        context: BrowserContext = self._browser.new_context(viewport={"width": width, "height": height})
        context.set_default_timeout(ENDLESS_MS)
        page = context.new_page()
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("dialog", self._dialog)
        page.goto(self.address)
        return page

    def _dialog(self, dialog: object) -> None:
        self.dialogs.append(dialog.message)  # type: ignore[attr-defined]
        dialog.accept()  # type: ignore[attr-defined]

    def elsewhere(self) -> list[str]:
        """Return what pages asked for that is not of this server, pictures in the page apart."""
        own = self.address.partition("?")[0]
        return [url for url in self.asked if not url.startswith((own, "data:"))]


def arrive(page: Page, heading: str) -> None:
    """Wait until a page with a heading is open, and its script listens for keys."""
    expect(page.locator("h1")).to_contain_text(heading)
    page.wait_for_load_state()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgres.running() as server:
        yield server


@pytest.fixture(params=["SQLite"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return where the gradebook lies: in a file, or where a test asks for it in PostgreSQL."""
    if request.param == "SQLite":
        return str(tmp_path / "class.sqlite")
    found: str = request.getfixturevalue("server").database()
    return found


IN_BOTH = pytest.mark.parametrize("place", ["SQLite", "PostgreSQL"], indirect=True)


@pytest.fixture
def work(tmp_path: Path, place: str) -> Iterator[Class]:
    work = Class(tmp_path, place)
    for student, name in (("ada", "Ada Alpha"), ("bob", "Bob Beta"), ("cem", "Cem Gamma")):
        work.put(student, result(8), {"double.py": CODE}, name=name)
    with closing(work.book):
        yield work


@pytest.fixture
def site(work: Class, place: str, chromium: Browser) -> Iterator[Site]:
    expect.set_options(timeout=ENDLESS_MS)
    command = [GRADE, "marking", "--gradebook", place, "--author", "eve"]
    server = subprocess.Popen(command, cwd=work.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        address = server.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{20,}", address), server.communicate()
        yield Site(work, chromium, address)
        server.send_signal(signal.SIGINT)
        said, complaints = server.communicate(timeout=ENDLESS)
        assert "Everything that was saved is in" in said
        assert (server.returncode, complaints) == (0, "")
    finally:
        server.kill()
        server.wait()


@IN_BOTH
def test_points_and_comments_are_given_by_keys_alone_and_explained_afterwards(site: Site, place: str) -> None:
    page = site.visit()
    expect(page).to_have_url(site.address.partition("?")[0])
    page.keyboard.press("/")
    page.keyboard.type("bob")
    page.keyboard.press("Enter")
    expect(page.locator("tbody a")).to_have_text(["Bob Beta (bob)"])
    page.wait_for_load_state()
    page.keyboard.press("n")
    arrive(page, "Bob Beta (bob)")
    for key, points in (("1", "3,5"), ("2", "2")):
        page.keyboard.press(key)
        page.keyboard.type(points)
        page.keyboard.press("Tab")
        page.keyboard.type(f"reason {key}")
        page.keyboard.press("Escape")
    page.keyboard.press("c")
    page.keyboard.type("Well done n/1?a")  # letters in a field are letters
    page.keyboard.press("Control+Enter")
    expect(page.locator(".said")).to_have_text("Saved.")
    expect(page.locator(".total")).to_have_text("13.5 of 16 points")
    explained = subprocess.run(
        [GRADE, "explain", "bob", "--gradebook", place],
        cwd=site.work.root, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    for part in ("13.5 of 16", "(eve: reason 1)", "(eve: reason 2)", "eve on double: Well done n/1?a"):
        assert part in explained
    assert (site.dialogs, site.elsewhere()) == ([], [])


def test_a_click_on_a_number_comments_on_its_line_and_what_is_unsaved_is_not_left_unasked(site: Site) -> None:
    page = site.visit()
    page.keyboard.press("n")
    page.get_by_role("link", name="Comment on line 6").click()
    page.keyboard.type("Twice.")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    arrive(page, "Bob Beta")
    assert len(site.dialogs) == 1  # the browser asked, and the test said yes
    page.keyboard.press("p")
    arrive(page, "Ada Alpha")
    page.get_by_role("link", name="Comment on line 6").click()
    page.keyboard.type("Twice.")
    page.keyboard.press("Control+Shift+Enter")
    arrive(page, "Bob Beta")
    [comment] = site.work.of("ada").record.comments
    assert (comment.path, comment.line, comment.text) == ("double.py", 6, "Twice.")
    page.locator("select[name=snippet]").select_option("Twice.")
    expect(page.locator("#comment")).to_have_value("Twice.")


@IN_BOTH
def test_two_browsers_are_led_to_different_hand_ins(site: Site) -> None:
    first, second = site.visit(), site.visit()
    for page, name in ((first, "Ada Alpha"), (second, "Bob Beta"), (first, "Cem Gamma"), (second, "Ada Alpha")):
        page.keyboard.press("n")
        arrive(page, name)
    first.keyboard.press("l")
    expect(first.locator("tbody tr").first).to_contain_text("eve has it open.")


@IN_BOTH
def test_a_groups_hand_in_is_marked_once_for_everybody_with_a_tick(site: Site) -> None:
    students = ("dan", "eli", "fay")
    for student in students:
        site.work.book.attempt(Delivery(student, sha256="same", members=students))
        site.work.book.store(student, 1, [Graded(result(3), {}, 0.1, "strict", code={"double.py": CODE})])
    page = site.visit()
    page.get_by_role("link", name="dan").click()
    page.get_by_role("checkbox", name="fay").uncheck()
    page.keyboard.press("Escape")
    page.locator("[name=points-0]").fill("2")
    page.locator("[name=points-0-why]").fill("clear")
    page.get_by_role("button", name="Save Ctrl Enter").click()
    expect(page.locator(".said")).to_have_text("Saved.")
    assert [site.work.mark(student).by_hand for student in students] == [2, 2, 0]


@IN_BOTH
def test_two_browsers_at_once_overwrite_nothing(site: Site) -> None:
    first, second = site.visit(), site.visit()
    for page in (first, second):
        page.get_by_role("link", name="Ada Alpha").click()
        arrive(page, "Ada Alpha")
    for page, points, why in ((first, "3", "clear"), (second, "1", "unclear")):
        page.keyboard.press("1")
        page.keyboard.type(points)
        page.keyboard.press("Tab")
        page.keyboard.type(why)
        page.keyboard.press("Control+Enter")
        expect(page.locator("[role=alert], [role=status]")).to_be_visible()
    assert site.work.mark().by_hand == 3
    expect(second.locator("[role=alert]")).to_contain_text("Somebody decided about this meanwhile")
    expect(second.get_by_text("Now: 3, by eve: clear")).to_be_visible()
    expect(second.locator("[name=points-0]")).to_have_value("1")
    second.wait_for_load_state()
    second.keyboard.press("Control+Enter")
    expect(second.locator(".said")).to_have_text("Saved.")
    assert site.work.mark().by_hand == 1


def test_everything_works_without_scripts(site: Site, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    context.set_default_timeout(ENDLESS_MS)
    page = context.new_page()
    page.goto(site.address)
    page.get_by_label("Search").fill("cem")
    page.get_by_role("button", name="Apply").click()
    page.get_by_role("link", name="Cem Gamma").click()
    page.locator("[name=points-0]").fill("2")
    page.locator("[name=points-0-why]").fill("so")
    page.locator("[name=comment]").fill("Here.")
    page.locator("[name=line]").fill("4")
    page.get_by_role("button", name="Save Ctrl Enter").click()
    expect(page.locator(".said")).to_have_text("Saved.")
    assert site.work.mark("cem").by_hand == 2
    assert [comment.line for comment in site.work.of("cem").record.comments] == [4]


def test_names_are_hidden_by_a_key_also_in_the_address(site: Site) -> None:
    page = site.visit()
    page.keyboard.press("n")
    arrive(page, "Ada Alpha")
    page.keyboard.press("a")
    arrive(page, "Student ")
    for text in (page.content(), page.url, page.title()):
        assert not re.search(r"(?i)\bada\b|alpha", text)


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_the_screen(site: Site, width: int) -> None:
    page = site.visit(width, 844)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("tbody a").first.click()
    arrive(page, "Ada Alpha")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_texts_that_attack_run_nothing_and_load_nothing(site: Site) -> None:
    attack = "</textarea></code><script>alert(1)</script><img src=//127.0.0.9/x onerror=alert(2)><svg onload=alert(3)>"
    found = result(4)
    example = Counterexample("double(1)", {"number": attack}, attack, attack, attack, None, None, attack)
    check = msgspec.structs.replace(
        found.checks[0], message=attack, title=attack, outcome=Outcome.FAILED, counterexample=msgspec.structs.replace(
            example, pictures=(Picture(attack, attack.encode()),)
        ),
    )  # fmt: skip
    markdown = f"{attack}\n\n[x](javascript:alert(4)) ![x](http://127.0.0.9/y) <http://127.0.0.9/z>\n\n```\n{attack}"
    found = msgspec.structs.replace(found, checks=(check,), answers=(Answer(attack, markdown),))
    site.work.put("dan", found, {f"{attack}.py": f"# {attack}\n", "a.svg": attack}, name=attack, handin=attack)
    site.work.book.comment("dan", Comment(0, DOUBLE, 1, "", None, attack, attack, ""))
    site.work.decisions.give("dan", "double", "The idea, drawn", 1, attack)
    page = site.visit()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.get_by_role("link", name="</textarea>").click()
    arrive(page, "alert(1)")
    for link in page.locator(".work a:not([data-line]), .verdict a").all():
        link.click()
    assert page.locator("script:not([src]), .work svg, .work img:not([src^='data:']), .panel img").count() == 0
    assert (site.dialogs, site.elsewhere(), errors) == ([], [], [])
