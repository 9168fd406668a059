"""A hand-in on the marking page: what is shown of it, what of its form is stored, and what can only be read."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import msgspec
import pytest

from grader.classroom.deletion import forget
from grader.classroom.records import Comment, Delivery, Graded
from grader.results import Answer, Counterexample, Picture
from helpers.marking_page import CODE, HOST, Browser, class_of_ada
from helpers.small_class import DOUBLE, Class, result

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.light


@pytest.fixture
def work(tmp_path: Path) -> Class:
    return class_of_ada(tmp_path)


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
