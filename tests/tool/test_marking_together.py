"""Several who mark, and hand-ins of several: no decision is overwritten, and a group is marked once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from grader.classroom.deletion import forget
from grader.classroom.marking import visits
from grader.classroom.marking.form import Reader
from grader.classroom.marking.visits import Visits
from grader.classroom.records import Delivery, Graded
from grader.classroom.tables import VisitRow
from grader.errors import UsageError
from helpers.marking_page import CODE, Browser, class_of_ada
from helpers.marking_page import MarkingForm as _Form
from helpers.small_class import Class, result

if TYPE_CHECKING:
    from pathlib import Path

    from grader.classroom.marking.form import Decided, Form

pytestmark = pytest.mark.light


@pytest.fixture
def work(tmp_path: Path) -> Class:
    return class_of_ada(tmp_path)


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
