"""The marking page: who may open it, what it lists, how it is started, and that it hides names and runs nothing."""

from __future__ import annotations

import re
import socket
import sys
from typing import TYPE_CHECKING

import msgspec
import pytest
from starlette.testclient import TestClient

from grader.classroom.gradebook import Gradebook
from grader.classroom.marking.app import PAGE_ROWS, application
from grader.classroom.marking.serving import serve
from grader.classroom.records import Comment
from grader.errors import UsageError
from grader.results import Answer, Outcome
from helpers.marking_page import CODE, HOST, TOKEN, Browser, class_of_ada
from helpers.marking_page import MarkingForm as _Form
from helpers.small_class import DOUBLE, LIBRARIES, TWOFOLD, Class, result

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.light


@pytest.fixture
def work(tmp_path: Path) -> Class:
    return class_of_ada(tmp_path)


# --- who may open it ----------------------------------------------------------------------------------------------


def test_the_token_becomes_a_cookie_and_leaves_the_address(work: Class) -> None:
    client = TestClient(application(work.course, work.book, TOKEN), f"http://{HOST}", follow_redirects=False)
    entered = client.get("/", params={"token": TOKEN})
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    cookie = entered.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert TOKEN not in cookie
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/", {}),
        ("GET", "/?token=another", {}),
        ("GET", "/static/marking.js", {}),
        ("POST", "/anonymous", {"origin": f"http://{HOST}"}),
    ],
)
def test_who_does_not_have_the_token_gets_nothing(work: Class, method: str, path: str, headers: dict[str, str]) -> None:
    client = TestClient(application(work.course, work.book, TOKEN), f"http://{HOST}")
    refused = client.request(method, path, headers=headers)
    assert refused.status_code == 403
    assert "Ada" not in refused.text


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "", "[::1"])
def test_another_name_of_this_machine_is_refused(work: Class, host: str) -> None:
    refused = Browser(work).client.get("/", headers={"host": host})
    assert refused.status_code == 403
    assert "Ada" not in refused.text


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9000", None])
def test_what_another_website_sends_changes_nothing(work: Class, origin: str | None) -> None:
    browser = Browser(work)
    browser.open("Ada Alpha (ada)")
    form = _Form(browser.page.text)
    headers = {} if origin is None else {"origin": origin}
    typed = {**form.fields, "points-0": "3", "points-0-why": "so"}
    assert browser.client.post(form.action, data=typed, headers=headers).status_code == 403
    assert work.mark().by_hand == 0


@pytest.mark.parametrize("path", ["/", "/nowhere", "/static/marking.js", "/hand-in/0/numbers/double"])
def test_no_answer_lets_anything_from_elsewhere_in(work: Class, path: str) -> None:
    headers = Browser(work).client.get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in headers["content-security-policy"]
    assert (headers["x-frame-options"], headers["cache-control"]) == ("DENY", "no-store")


def test_no_page_needs_what_its_policy_forbids(work: Class) -> None:
    browser = Browser(work)
    for page in (browser.page.text, browser.open("Ada Alpha (ada)").text):
        assert not re.search(r"<style|<script>|\sstyle=|\son\w+=|https?://", page)


# --- the list -----------------------------------------------------------------------------------------------------


def test_the_list_has_what_there_is_to_mark_and_by_filter_everything_else(work: Class) -> None:
    work.put("bob", result(4, exercise=TWOFOLD), {}, name="Bob Beta")
    work.hand_in("cem", problem="Only `cem.rar`.")
    browser = Browser(work)
    assert browser.rows() == ["Ada Alpha (ada)"]
    assert browser.rows(show="trouble") == ["cem", "cem"]
    assert browser.rows(show="all", where="numbers/twofold") == ["cem", "Ada Alpha (ada)", "Bob Beta (bob)"]
    assert browser.rows(show="all", where="numbers/double", q="ALPH") == ["Ada Alpha (ada)"]
    assert browser.rows(show="nonsense", q="bob") == []


def test_only_named_exercises_are_listed(work: Class) -> None:
    work.put("bob", result(4, exercise=TWOFOLD), {}, name="Bob Beta")
    browser = Browser(work, names=["twofold"])
    assert browser.rows(show="all") == ["Ada Alpha (ada)", "Bob Beta (bob)"]
    assert browser.rows() == []


def test_what_a_run_or_another_person_stores_is_in_the_list_at_once(work: Class) -> None:
    browser = Browser(work)
    work.put("bob", result(4), CODE, name="Bob Beta")
    assert browser.rows() == ["Ada Alpha (ada)", "Bob Beta (bob)"]
    for criterion in ("The idea, in words", "The idea, drawn"):
        work.decisions.give("ada", "double", criterion, 1, "so")
    assert browser.rows() == ["Bob Beta (bob)"]
    work.book.enrol([], ["ada"])
    assert browser.rows() == []


def test_a_long_list_comes_in_pages(work: Class) -> None:
    students = [f"s{number:03}" for number in range(PAGE_ROWS)]
    for student in students:
        work.put(student, result(4), CODE)
    browser = Browser(work)
    assert browser.rows() == ["Ada Alpha (ada)", *students[:-1]]
    assert browser.rows(page="2") == browser.rows(page="99999") == students[-1:]


def test_next_and_before_go_through_what_is_to_mark(work: Class) -> None:
    for student in ("bob", "cem"):
        work.put(student, result(4), CODE)
    browser = Browser(work)

    def whose() -> str:
        found = re.search(r"<h1><bdi>([^<]*)", browser.page.text)
        return found[1] if found else "the list"

    browser.open("bob", show="to-mark")
    browser.send(points_0="2", points_0_why="so", points_1="1", points_1_why="so", further="1")
    assert whose() == "cem"
    browser.page = browser.client.get(re.findall(r'href="([^"]+)" data-key="p"', browser.page.text)[0])
    assert whose() == "bob"  # which is marked, and can be marked again
    browser.page = browser.client.get(re.findall(r'href="([^"]+)" data-key="n"', browser.page.text)[0])
    browser.send(points_0="2", points_0_why="so", points_1="1", points_1_why="so", further="1")
    assert whose() == "Ada Alpha (ada)"  # after the last comes the first again
    browser.send(points_0="2", points_0_why="so", points_1="1", points_1_why="so", further="1")
    assert whose() == "the list"


# --- starting it --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["uvicorn", "starlette.applications"])
def test_without_the_extra_a_sentence_says_what_to_install(
    work: Class, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.delitem(sys.modules, "grader.classroom.marking.app")
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(UsageError, match=r"needs the extra `marking`: pip install .*\[marking\]"):
        serve(work.course, str(work.root.parent / "class.sqlite"), print)


def test_a_port_that_is_taken_is_said(work: Class) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"Port {port} cannot be used"):
            serve(work.course, str(work.root.parent / "class.sqlite"), print, port=port)


def test_the_address_can_be_opened_as_soon_as_it_is_said(work: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    def say(sentence: str) -> None:
        said.append(sentence)
        if found := re.match(r"http://127\.0\.0\.1:(\d+)/", sentence):
            socket.create_connection(("127.0.0.1", int(found[1]))).close()

    monkeypatch.setattr("uvicorn.Server.run", lambda *_, **__: None)
    serve(work.course, str(work.root.parent / "class.sqlite"), say)
    assert len(said) == 3


def test_the_gradebook_of_another_course_is_refused(work: Class, tmp_path: Path) -> None:
    other = Gradebook.create(tmp_path / "other.sqlite", "Halving", LIBRARIES)
    other.close()
    with socket.create_server(("127.0.0.1", 0)) as taken:  # so that it cannot be served either
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match='is the gradebook of "Halving", not of "Doubling, step by step"'):
            serve(work.course, str(tmp_path / "other.sqlite"), print, port=port)


# --- names hidden, and hostile texts ------------------------------------------------------------------------------


def test_names_keys_and_files_are_nowhere_where_they_are_hidden(work: Class) -> None:
    found = result(4)
    check = msgspec.structs.replace(found.checks[0], message="alpha_4711.py of Ada Alpha, line 3: `ada` is odd.")
    found = msgspec.structs.replace(found, checks=(check,), answers=(Answer("alpha_4711.md", "Twice."),))
    code = {"alpha_4711.py": "x = 1\n"}
    work.put("ada", found, code, name="Ada Alpha", handin="alpha_4711.zip")
    browser = Browser(work)
    link = browser.open("Ada Alpha (ada)").request.url.path
    browser.client.post("/anonymous", data={"back": "/"}, headers={"origin": f"http://{HOST}"})
    for path in (link, "/", "/?show=all", "/?q=alpha"):
        page = browser.client.get(path).text
        assert not re.search(r"(?i)\bada\b|alpha|4711", page.replace("q=alpha", "").replace('value="alpha"', "")), path
    assert "Student " in browser.client.get("/").text
    browser.client.post("/anonymous", data={"back": "/"}, headers={"origin": f"http://{HOST}"})
    assert "Ada Alpha" in browser.client.get(link).text


@pytest.mark.parametrize(
    ("back", "location"),
    [
        ("/?q=ada&show=all", "/?show=all"),
        ("/hand-in/0f/numbers/double?show=all", "/hand-in/0f/numbers/double?show=all"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("http://evil.example", "/"),
    ],
)
def test_hiding_names_leads_back_to_these_pages_only(work: Class, back: str, location: str) -> None:
    client = Browser(work).client
    client.follow_redirects = False
    answer = client.post("/anonymous", data={"back": back}, headers={"origin": f"http://{HOST}"})
    assert answer.headers["location"] == location


HOSTILE = "</code><script>alert(1)</script><img src=x onerror=alert(1)>\"'"


def test_no_text_of_anybody_is_markup(work: Class) -> None:
    found = result(4)
    check = msgspec.structs.replace(found.checks[0], message=HOSTILE, outcome=Outcome.FAILED)
    answers = (
        Answer(HOSTILE, f"{HOSTILE}\n\n[x](javascript:alert(1)) ![x](http://evil.example/x) <http://evil.example>"),
    )
    found = msgspec.structs.replace(found, checks=(check,), answers=answers)
    work.put("bob", found, {f"{HOSTILE}.py": f"# {HOSTILE}\nx = 1\n", "b.txt": HOSTILE}, name=HOSTILE, handin=HOSTILE)
    work.book.comment("bob", Comment(0, DOUBLE, 1, "", None, HOSTILE, HOSTILE, ""))
    work.decisions.give("bob", "double", "The idea, drawn", 1, HOSTILE)
    browser = Browser(work, HOSTILE)
    page = browser.page.text + browser.open(f"{HOSTILE} (bob)").text
    for part in ("<script>", "<img src=x", 'href="javascript', 'href="http', "onerror=alert(1)>"):
        assert part not in page


def test_characters_that_reorder_code_are_named(work: Class) -> None:
    work.put("bob", result(4), {"double.py": "x = 'a\u202eb'\r\ny = '\u200b\x1b'\n"})
    page = Browser(work).open("bob").text
    assert "\u202e" not in page
    assert "U+202E" in page
    assert "U+200B" in page
    assert "U+001B" in page
    assert re.findall(r'data-line="(\d+)"', page) == ["1", "2"]
