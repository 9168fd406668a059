"""The marking page: who may open it, what it lists, what it stores, and what becomes of two who mark at once."""

from __future__ import annotations

import html
import re
import socket
import sys
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from grader.classroom.deletion import forget
from grader.classroom.gradebook import Gradebook
from grader.classroom.marking import visits
from grader.classroom.marking.app import PAGE_ROWS, application
from grader.classroom.marking.form import Reader
from grader.classroom.marking.serving import serve
from grader.classroom.marking.visits import Visits
from grader.classroom.records import Comment, Delivery, Graded
from grader.classroom.tables import VisitRow
from grader.errors import UsageError
from grader.results import Answer, Counterexample, Outcome, Picture
from helpers.small_class import DOUBLE, LIBRARIES, TWOFOLD, Class, result

if TYPE_CHECKING:
    from pathlib import Path

    from httpx2 import Response

    from grader.classroom.marking.form import Decided, Form

pytestmark = pytest.mark.light

TOKEN = "the-token"
HOST = "127.0.0.1:8000"
CODE = {"double.py": '"""Doubles."""\n\n\ndef double(number):\n    return 2 * number\n'}


class Browser:
    """Somebody's browser, which follows links and sends forms as they are on the page."""

    def __init__(self, work: Class, author: str = "eve", **names: list[str]) -> None:
        self.client = TestClient(application(work.course, work.book, TOKEN, author, **names), f"http://{HOST}")
        self.page = self.client.get("/", params={"token": TOKEN})

    def open(self, student: str, exercise: str = "double", **query: str) -> Response:
        """Open a hand-in by the link in the list of everything."""
        listed = self.client.get("/", params={"show": "all", **query})
        links = re.findall(r'<a href="(/hand-in/[^"]+)"[^>]*><bdi>([^<]*)</bdi>', listed.text)
        [link] = [link for link, label in links if html.unescape(label) == student and exercise in link]
        self.page = self.client.get(html.unescape(link))
        return self.page

    def send(self, **typed: str | list[str]) -> Response:
        """Send the form of the page that is open, with some fields changed."""
        form = _Form(self.page.text)
        fields = {**form.fields, **{name.replace("_", "-"): value for name, value in typed.items()}}
        self.page = self.client.post(form.action, data=fields, headers={"origin": f"http://{HOST}"})
        return self.page

    def rows(self, **query: str) -> list[str]:
        """Return whose hand-ins the list has."""
        page = self.client.get("/", params=query).text
        return [html.unescape(label) for label in re.findall(r"<td><a [^>]*><bdi>([^<]*)</bdi>", page)]

    def fields(self) -> dict[str, Any]:
        return _Form(self.page.text).fields


class _Form(HTMLParser):
    """The fields of a marking form, and where it is sent."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action, self._textarea = "", ""
        self.fields: dict[str, Any] = {}
        self.feed(page[page.index('<form id="marking"') :])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("id") == "marking":
            self.action = given["action"]
        elif tag == "input" and given.get("type") != "checkbox":
            self.fields[given["name"]] = given.get("value", "")
        elif tag == "input" and given["name"] == "together":
            self.fields.setdefault("together", []).extend([given["value"]] if "checked" in given else [])
        elif tag == "textarea":
            self._textarea = given["name"]
            self.fields[self._textarea] = ""
        elif tag == "option" and "selected" in given:
            self.fields["attempt"] = given["value"]

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.fields[self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._textarea = ""


@pytest.fixture
def work(tmp_path: Path) -> Class:
    work = Class(tmp_path)
    work.put("ada", result(8), CODE, name="Ada Alpha")
    return work


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


# --- one hand-in --------------------------------------------------------------------------------------------------


def test_a_hand_in_has_code_verdict_pictures_answers_and_how_its_mark_comes_about(work: Class) -> None:
    found = result(4)
    example = Counterexample("double(3)", {"number": "3"}, "6", "5", None, None, None, "", (Picture("drawn", b"png"),))
    check = msgspec.structs.replace(found.checks[0], message="It is not doubled.", counterexample=example)
    answers = (Answer("double.md", "Twice is **two** times."),)
    work.put("bob", msgspec.structs.replace(found, checks=(check,), answers=answers), CODE)
    page = Browser(work).open("bob").text
    for part in (
        '<span class="k">def</span>', "It is not doubled.", "data:image/png;base64,cG5n", "<strong>two</strong>",
        "double.md", "pending, 4  The idea, in words", "Attempt 1 counts",
    ):  # fmt: skip
        assert part in page


def test_every_line_has_its_number_and_comments_stand_below_theirs(work: Class) -> None:
    browser = Browser(work)
    browser.open("Ada Alpha (ada)")
    assert re.findall(r'data-line="(\d+)"', browser.page.text) == ["1", "2", "3", "4", "5"]
    browser.send(comment="Lovely.", line="5")
    assert [(c.path, c.line, c.text) for c in work.of("ada").record.comments] == [("double.py", 5, "Lovely.")]
    assert browser.page.text.index('data-line="5"') < browser.page.text.index("<p>Lovely.</p>")
    number = work.of("ada").record.comments[0].number
    browser.send(remove=[str(number)])
    assert work.of("ada").record.comments == []


def test_points_and_a_comment_are_stored_with_author_and_reason(work: Class) -> None:
    browser = Browser(work, "fay")
    browser.open("Ada Alpha (ada)")
    browser.send(points_0="2,5", points_0_why="Bold.", comment="Go on.")
    assert browser.page.status_code == 200
    assert "Saved." in browser.page.text
    assert work.mark().points == 10.5
    assert [(c.by, c.why) for c in work.mark().criteria if c.by] == [("fay", "Bold.")]
    assert [(c.author, c.text, c.line) for c in work.of("ada").record.comments] == [("fay", "Go on.", None)]


def test_what_was_not_changed_is_not_decided_again(work: Class) -> None:
    work.decisions.give("ada", "double", "The idea, in words", 3, "clear")
    browser = Browser(work, "fay")
    browser.open("Ada Alpha (ada)")
    assert "nothing was saved" in browser.send().text
    browser.send(points_1="1", points_1_why="so")
    assert [(mark.criterion, mark.author) for mark in work.of("ada").record.hand_marks] == [
        ("The idea, in words", "eve"), ("The idea, drawn", "fay"),
    ]  # fmt: skip


def test_points_are_taken_back_by_an_empty_field_with_a_reason(work: Class) -> None:
    work.decisions.give("ada", "double", "The idea, in words", 3, "clear")
    browser = Browser(work)
    browser.open("Ada Alpha (ada)")
    assert "need a new reason" in browser.send(points_0="").text
    browser.send(points_0="", points_0_why="wrong student")
    assert (work.mark().points, work.mark().pending) == (8, 6)


def test_all_points_can_be_set_and_an_attempt_chosen(work: Class) -> None:
    work.put("ada", result(3), CODE, name="Ada Alpha")
    browser = Browser(work)
    browser.open("Ada Alpha (ada)")
    browser.send(attempt="1", attempt_why="asked to")
    assert work.mark().attempt == 1
    browser.send(override="9", override_why="an appeal")
    assert (work.mark().points, work.mark().override.why) == (9, "an appeal")  # type: ignore[union-attr]


def test_earlier_comments_come_back_as_snippets(work: Class) -> None:
    work.put("bob", result(3), CODE)
    work.book.comment("bob", Comment(0, DOUBLE, 1, "", None, "Say <why>.", "eve", ""))
    browser = Browser(work)
    browser.open("Ada Alpha (ada)")
    assert '<option value="Say &lt;why&gt;.">' in browser.page.text
    browser.send(snippet="Say <why>.", comment="And how.")
    assert [c.text for c in work.of("ada").record.comments] == ["Say <why>.\nAnd how."]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"points_0": "5", "points_0_why": "so"}, "has 0 to 4 points, and not 5."),
        ({"points_0": "nan", "points_0_why": "so"}, "has 0 to 4 points, and not nan."),
        ({"points_0": "<b>", "points_0_why": "so"}, "`<b>` is not a number of points."),
        ({"points_0": "3"}, "A decision needs a reason"),
        ({"points_0_why": "so"}, "There is a reason and no points"),
        ({"override": "17", "override_why": "so"}, "double has 0 to 16 points, and not 17."),
        ({"comment": "Hm.", "line": "6"}, "`6` is not a line of that file: give a number from 1 to 5."),
        ({"comment": "Hm.", "line": "x"}, "`x` is not a line of that file"),
        ({"comment": "Hm.", "line": "1", "file": "7"}, "There is no such file"),
        ({"attempt": "7", "attempt_why": "so"}, "ada has no attempt 7"),
    ],
)
def test_bad_input_comes_back_with_a_sentence_and_nothing_is_stored(
    work: Class, typed: dict[str, str], said: str
) -> None:
    browser = Browser(work)
    browser.open("Ada Alpha (ada)")
    before = work.book.record("ada")
    browser.send(**typed, points_1="1", points_1_why="of this, nothing either")
    assert browser.page.status_code in (422, 503)
    assert said in html.unescape(browser.page.text)
    assert work.book.record("ada") == before
    expected = {name.replace("_", "-"): value for name, value in typed.items() if name not in ("attempt", "file")}
    assert expected.items() <= browser.fields().items()
    assert browser.fields()["points-1-why"] == "of this, nothing either"


@pytest.mark.parametrize("path", ["/hand-in/0123456789/numbers/double", "/hand-in/x/numbers/nothing", "/nowhere"])
def test_what_is_not_there_is_said(work: Class, path: str) -> None:
    answer = Browser(work).client.get(path)
    assert answer.status_code == 404


def test_reasons_that_were_given_before_are_offered_for_their_criterion(work: Class) -> None:
    work.put("bob", result(3), CODE)
    for why in ("clear", "clear", "<b>"):
        work.decisions.give("bob", "double", "The idea, in words", 3, why)
    page = Browser(work).open("Ada Alpha (ada)").text
    offered = re.findall(r'<datalist id="([^"]+)">(.*?)</datalist>', page)
    assert dict(offered)["points-0-earlier"] == '<option value="clear"></option><option value="&lt;b&gt;"></option>'
    assert dict(offered)["points-1-earlier"] == ""


def test_a_hand_in_of_a_group_says_whose_it_is_unless_names_are_hidden(work: Class) -> None:
    for student in ("bob", "cem"):
        work.book.attempt(Delivery(student, sha256="same", members=("bob", "cem")))
        work.book.store(student, 1, [Graded(result(3), {}, 0.1, "strict")])
    browser = Browser(work)
    link = browser.open("bob").request.url.path
    assert re.findall(r'name="together"[^>]*> <bdi>([^<]*)', browser.page.text) == ["cem"]
    browser.client.post("/anonymous", data={"back": "/"}, headers={"origin": f"http://{HOST}"})
    assert "cem" not in browser.client.get(link).text


def test_a_form_without_end_is_not_read(work: Class) -> None:
    browser = Browser(work)
    browser.open("Ada Alpha (ada)")
    assert browser.send(comment="x" * 1_100_000).status_code == 413
    assert work.of("ada").record.comments == []


def test_who_was_forgotten_meanwhile_is_not_there(work: Class) -> None:
    browser = Browser(work)
    browser.open("Ada Alpha (ada)")
    forget(work.book, "ada", "eve")
    assert browser.send(points_0="3", points_0_why="so").status_code == 404


# --- two at once --------------------------------------------------------------------------------------------------


def test_a_second_decision_overwrites_nothing_and_is_asked_for_again(work: Class) -> None:
    eve, fay = Browser(work, "eve"), Browser(work, "fay")
    eve.open("Ada Alpha (ada)")
    fay.open("Ada Alpha (ada)")
    eve.send(points_0="3", points_0_why="clear")
    fay.send(points_0="1", points_0_why="unclear", points_1="2", points_1_why="lovely", comment="Hm.")
    assert fay.page.status_code == 409
    assert "Somebody decided about this meanwhile" in fay.page.text
    assert "Now: 3, by <bdi>eve</bdi>: clear" in fay.page.text
    assert work.mark().by_hand == 3
    assert work.of("ada").record.comments == []
    typed = fay.fields()
    assert [typed[name] for name in ("points-0", "points-0-why", "points-1", "comment")] == ["1", "unclear", "2", "Hm."]
    assert fay.send().status_code == 200
    assert work.mark().by_hand == 3
    assert [(mark.points, mark.author) for mark in work.of("ada").record.hand_marks] == [
        (3, "eve"), (1, "fay"), (2, "fay"),
    ]  # fmt: skip


def test_a_decision_between_looking_and_storing_is_not_overwritten_either(
    work: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Browser(work, "fay")
    browser.open("Ada Alpha (ada)")
    decided = Reader.decided

    def decided_too_late(reader: Reader, form: Form) -> Decided:
        found = decided(reader, form)
        monkeypatch.undo()
        work.decisions.give("ada", "double", "The idea, in words", 3, "clear")
        return found

    monkeypatch.setattr(Reader, "decided", decided_too_late)
    browser.send(points_0="1", points_0_why="unclear")
    assert browser.page.status_code == 409
    assert (work.mark().by_hand, browser.fields()["points-0"]) == (3, "1")


def test_what_the_second_did_not_touch_stays_as_the_first_decided(work: Class) -> None:
    eve, fay = Browser(work, "eve"), Browser(work, "fay")
    eve.open("Ada Alpha (ada)")
    fay.open("Ada Alpha (ada)")
    eve.send(points_0="3", points_0_why="clear")
    fay.send(points_1="2", points_1_why="lovely")
    assert fay.fields()["points-0"] == "3"
    fay.send()
    assert {c.title: (c.points, c.by) for c in work.mark().criteria if c.by} == {
        "The idea, in words": (3, "eve"), "The idea, drawn": (2, "fay"),
    }  # fmt: skip


def test_points_are_not_given_for_what_was_graded_again_meanwhile(work: Class) -> None:
    browser = Browser(work)
    browser.open("Ada Alpha (ada)")
    work.put("ada", result(2), CODE, name="Ada Alpha")
    assert browser.send(points_0="3", points_0_why="so").status_code == 409
    assert work.mark().by_hand == 0


def test_two_comments_at_once_are_both_kept(work: Class) -> None:
    eve, fay = Browser(work, "eve"), Browser(work, "fay")
    eve.open("Ada Alpha (ada)")
    fay.open("Ada Alpha (ada)")
    eve.send(comment="One.")
    assert fay.send(comment="Two.").status_code == 200
    assert [comment.text for comment in work.of("ada").record.comments] == ["One.", "Two."]


# --- several who mark, and where they are led ---------------------------------------------------------------------


def test_two_people_are_led_to_different_hand_ins_as_long_as_there_is_another_one(work: Class) -> None:
    for student in ("bob", "cem"):
        work.put(student, result(4), CODE)
    eve, fay = Browser(work, "eve"), Browser(work, "fay")

    def led(browser: Browser) -> str:
        browser.page = browser.client.get(re.findall(r'href="([^"]+)" data-key="n"', browser.page.text)[0])
        return re.findall(r"<h1><bdi>([^<]*)", browser.page.text)[0]

    assert (led(eve), led(fay)) == ("Ada Alpha (ada)", "bob")
    assert (led(eve), led(fay)) == ("cem", "Ada Alpha (ada)")
    assert led(fay) == "bob"
    for student in ("ada", "bob"):
        for criterion in ("The idea, in words", "The idea, drawn"):
            work.decisions.give(student, "double", criterion, 1, "so")
    assert led(fay) == "cem"  # there is nothing else, though eve has it open


def test_pages_say_who_else_has_a_hand_in_open_until_it_is_long_ago(
    work: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    eve, fay = Browser(work, "eve"), Browser(work, "fay")
    eve.open("Ada Alpha (ada)")
    listed = "<bdi>eve</bdi> has it open."
    assert (listed in fay.client.get("/").text, listed in eve.client.get("/").text) == (True, False)
    assert re.search(r'role="note"><bdi>eve</bdi> has had this open since .* UTC\.', fay.open("Ada Alpha (ada)").text)
    assert "<bdi>fay</bdi> has had this open since" in eve.open("Ada Alpha (ada)").text
    monkeypatch.setattr(visits, "MINUTES", -1)
    assert (listed in fay.client.get("/").text, "has had this open" in eve.client.get("/").text) == (False, False)


def test_who_has_something_open_is_forgotten_with_the_student(work: Class) -> None:
    browser = Browser(work)
    browser.open("Ada Alpha (ada)")
    forget(work.book, "ada", "eve")
    with work.book.session() as session:
        assert session.scalars(select(VisitRow)).all() == []


def test_a_note_that_cannot_be_written_keeps_nobody_from_reading(work: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object) -> None:
        raise UsageError("It is locked.")

    browser = Browser(work)
    monkeypatch.setattr(Visits, "_note", locked)
    assert browser.open("Ada Alpha (ada)").status_code == 200
    assert browser.client.get("/next").status_code == 200


# --- a hand-in of several -----------------------------------------------------------------------------------------


@pytest.fixture
def group(work: Class) -> Class:
    for student in ("bob", "cem", "dot"):
        number = work.book.attempt(Delivery(student, sha256="same", members=("bob", "cem", "dot")))
        work.book.store(student, number, [Graded(result(3), {}, 0.1, "strict", code=CODE)])
    return work


def test_a_groups_hand_in_is_marked_once_for_everybody_with_a_tick(group: Class) -> None:
    browser = Browser(group)
    browser.open("bob")
    both = browser.fields()["together"]
    assert len(both) == 2
    browser.send(points_0="2", points_0_why="clear", comment="Lovely.", line="5")
    browser.send(points_1="1", points_1_why="drawn by bob and cem", together=both[:1])
    assert [group.mark(student).by_hand for student in ("bob", "cem", "dot")] == [3, 3, 2]
    for student in ("bob", "cem", "dot"):
        assert [(c.attempt, c.path, c.line, c.text) for c in group.of(student).record.comments] == [
            (1, "double.py", 5, "Lovely.")
        ]
    browser.send(remove=[str(group.of("bob").record.comments[0].number)], together=both)
    assert [group.of(student).record.comments for student in ("bob", "cem", "dot")] == [[], [], []]


def test_whoever_has_other_points_gets_no_tick_by_default_and_it_is_said(group: Class) -> None:
    group.decisions.give("dot", "double", "The idea, in words", 4, "explained it alone")
    browser = Browser(group)
    browser.open("bob")
    assert len(browser.fields()["together"]) == 1
    assert "4 of 4  The idea, in words (eve: explained it alone)" in browser.page.text
    browser.send(points_0="2", points_0_why="clear")
    assert [group.mark(student).by_hand for student in ("bob", "cem", "dot")] == [2, 2, 4]


def test_a_decision_about_one_of_a_group_in_between_is_not_overwritten(group: Class) -> None:
    browser = Browser(group, "fay")
    browser.open("bob")
    group.decisions.give("dot", "double", "The idea, in words", 4, "explained it alone")
    browser.send(points_0="2", points_0_why="clear")
    assert browser.page.status_code == 409
    assert "this is about dot, who got no tick any more" in browser.page.text
    assert [group.mark(student).by_hand for student in ("bob", "cem", "dot")] == [0, 0, 4]
    assert len(browser.fields()["together"]) == 1
    assert browser.send().status_code == 200
    assert [group.mark(student).by_hand for student in ("bob", "cem", "dot")] == [2, 2, 4]


def test_for_whom_other_work_counts_nothing_is_decided_with_the_group(group: Class) -> None:
    group.put("cem", result(9), CODE)
    browser = Browser(group)
    browser.open("bob")
    assert len(browser.fields()["together"]) == 1
    assert "Attempt 2 counts, which is other work: mark it by itself." in browser.page.text
    form = _Form(browser.page.text)
    links = re.findall(r'href="/hand-in/([^/]+)/numbers/double"><bdi>cem', browser.client.get("/").text)
    browser.send(points_0="2", points_0_why="clear", together=[*form.fields["together"], *links])
    assert [group.mark(student).by_hand for student in ("bob", "cem", "dot")] == [2, 0, 2]


# --- attempts that do not count -----------------------------------------------------------------------------------


def test_an_earlier_attempt_can_be_read_and_not_marked(work: Class) -> None:
    work.book.comment("ada", Comment(0, DOUBLE, 1, "double.py", 5, "Twice of attempt 1.", "eve", ""))
    found = msgspec.structs.replace(result(9), answers=(Answer("double.md", "Twice is *two* times."),))
    work.put("ada", found, {"double.py": "def double(number):\n    return number + number\n"}, name="Ada Alpha")
    browser = Browser(work)
    page = browser.open("Ada Alpha (ada)").text
    assert ("number + number" in strip(page), "2 * number" in strip(page)) == (True, False)
    assert page.index("number") < page.index("Twice of attempt 1.")  # which is on no line that is shown
    [link] = re.findall(r'href="([^"]+/attempt/1[^"]*)"', page)
    page = browser.client.get(link).text
    for part in (
        "This attempt does not count, because attempt 2 does: it can only be read.", "gave 8 of 10 points", "2 * number",
        "As the student reads it",
    ):  # fmt: skip
        assert part in strip(page), part
    assert page.index("<span>5</span>") < page.index("<p>Twice of attempt 1.</p>")
    assert "Twice is" not in page
    assert re.findall(r"<(?:input|textarea|button)[^>]*>", page[page.index("<main>") :]) == []
    browser.client.post("/anonymous", data={"back": "/"}, headers={"origin": f"http://{HOST}"})
    assert not re.search(r"(?i)\bada\b|alpha", browser.client.get(link).text)


def test_an_attempt_that_could_not_be_read_says_so_and_one_that_is_not_there_is_not_found(work: Class) -> None:
    work.hand_in("ada", problem="Only `ada.rar`.")
    browser = Browser(work)
    browser.open("Ada Alpha (ada)")
    [link] = re.findall(r'href="([^"]+/attempt/2[^"]*)"', browser.page.text)
    page = browser.client.get(link).text
    assert "Only `ada.rar`." in html.unescape(page)
    assert "Nothing was graded." in page
    assert browser.client.get(link.replace("/attempt/2", "/attempt/7")).status_code == 404


def test_an_answer_of_one_attempt_and_the_code_of_another_are_marked_together(work: Class) -> None:
    work.book.comment("ada", Comment(0, DOUBLE, 1, "double.py", 5, "Lovely.", "eve", ""))
    work.hand_in("ada", 0, written=False, answer="Twice is *two* times.")
    browser = Browser(work)
    page = browser.open("Ada Alpha (ada)").text
    assert page.index('role="note">Attempt 2 holds only an answer in text.') < page.index("Twice is")
    assert page.index('data-line="5"') < page.index("<p>Lovely.</p>")
    for part in ("Twice is two times.", "return 2 * number", "It counts with the code of attempt 1, as if both"):
        assert part in strip(page), part
    browser.send(comment="And here.", line="1")
    assert [(c.attempt, c.line) for c in work.of("ada").record.comments] == [(1, 5), (1, 1)]
    [link] = re.findall(r'href="([^"]+/attempt/1[^"]*)"', page)
    assert "Of this attempt, the code counts, with attempt 2" in browser.client.get(link).text


def strip(page: str) -> str:
    """Return the text of a page without its tags."""
    return html.unescape(re.sub(r"<[^>]+>", "", page))


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
