"""The page of a verdict: everything that failed, with figures, points and code, and nothing that runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
import pytest

from grader.desk.page import show_page
from grader.notebook.card import card, lesson_card
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

if TYPE_CHECKING:
    from pathlib import Path

    from helpers.command import Command

pytestmark = pytest.mark.light

HOSTILE = "</pre><script>alert(1)</script><img src=x onerror=alert(1)>"


def page(said: str = "It is 2.", *, outcome: Outcome = Outcome.FAILED, several: bool = False) -> str:
    return report(verdict(said, outcome=outcome, several=several))


def verdict(said: str = "It is 2.", *, outcome: Outcome = Outcome.FAILED, several: bool = False) -> Verdict:
    calls = (
        Call("double", {"number": "1", "other": said}, (), "gave this"),
        Call("double", {"number": "2", "other": said}, ("number",), said),
    )
    figure = Picture("a figure", b"png", "what is to be seen")
    found = Counterexample(
        "double(2)", calls[-1].arguments, said, said, said, 0.5, 0.1, said, (figure,), calls, (said,)
    )
    message = f"{said}\n  work.py, line 2 in `double`:\n      return 1"
    checks = tuple(
        CheckResult(f"test_{name}", f"Title {name} {said}.", "public", outcome, f"{name} {message}", 0.1, found, (
            Diagnosis(f"variant {name}", f"Mistake {name} {said}", said),))
        for name in ("one", "two", "three", "four", "five")
    )  # fmt: skip
    criteria = (CriterionResult(said, 0.0, 10.0, outcome, "public", ("test_one",), False),)
    exercise = ExerciseResult("numbers", "double", 0.0, 10.0, outcome, checks, criteria)
    code = CodeFile(f"work{said}.py", (CodeLine(1, "def double(n):"), CodeLine(2, f"    return {said}")))
    plain = CodeFile("work.py", (CodeLine(1, "def double(n):"), CodeLine(2, "    return 1")))
    return Verdict(
        grader="0", course=said, submission=SubmissionInfo(said, "00"), isolation="strict", tier="cpu", seed=None,
        points=0.0, max_points=10.0, exercises=(exercise, msgspec.structs.replace(exercise, name="other"))[: 1 + several],
        code=(code, plain),
    )  # fmt: skip


def with_points_decided_later() -> Verdict:
    """Return a verdict on two exercises: each has all 7 points that can be had now, and 3 more are pending."""
    found = verdict(outcome=Outcome.PASSED, several=True)
    pending = CriterionResult("A person reads it.", 0.0, 3.0, Outcome.SKIPPED, "public", (), True)
    hidden = CheckResult("test_hidden", "A hidden one.", "hidden", Outcome.SKIPPED, "", 0.0, None, ())
    exercises = tuple(
        msgspec.structs.replace(
            each, points=7.0, checks=(*each.checks, hidden),
            criteria=(msgspec.structs.replace(each.criteria[0], points=7.0, max_points=7.0), pending),
        )
        for each in found.exercises
    )  # fmt: skip
    return msgspec.structs.replace(found, points=14.0, max_points=20.0, exercises=exercises)


def test_all_failures_are_there_and_the_first_is_open() -> None:
    text = page()
    for name in ("one", "two", "three", "four", "five"):
        assert f"Mistake {name}" in text
    assert [" open" in tag for tag in re.findall(r"<details class=\"failure[^>]*>", text)] == [
        True,
        False,
        False,
        False,
        False,
    ]


def test_inputs_are_a_table_in_which_what_changed_stands_out() -> None:
    text = " ".join(page().split())
    assert '<th scope="col">call 1</th><th scope="col">call 2</th>' in text
    assert '<td class="changed">2<span class="unseen"> (changed)</span></td>' in text
    assert text.count('class="changed"') == 5  # once in each of the failures


def test_figures_are_told_in_words() -> None:
    assert 'alt="what is to be seen"' in page()
    assert "data:image/png;base64,cG5n" in page()


def test_lines_that_a_message_names_stand_out() -> None:
    assert '<div data-line="2" class="concerned">    return 1</div>' in page()
    assert page().count('class="concerned"') == 1


def test_the_mistake_is_named_before_inputs_and_figures() -> None:
    text = page()
    assert text.index("Mistake one") < text.index('<table class="values">') < text.index("data:image/png")


def test_the_file_of_the_exercise_is_open_and_its_neighbours_are_not() -> None:
    found = verdict(outcome=Outcome.PASSED)
    files = [CodeFile(f"numbers/{name}.py", (CodeLine(1, "1"),)) for name in ("adding", "double", "tripling")]
    text = report(msgspec.structs.replace(found, code=tuple(files)))
    opened = re.findall(r'<details class="file"( open)?><summary>(.*?)</summary>', text)
    assert opened == [(" open", "numbers/double.py"), ("", "numbers/adding.py"), ("", "numbers/tripling.py")]
    assert "Other files that were read with it" in text
    assert "Other files" not in report(msgspec.structs.replace(found, code=tuple(files[1:2])))


def test_several_exercises_are_listed_with_links() -> None:
    text = page(several=True)
    assert '<a href="#numbers-other">other</a>' in text
    assert 'id="numbers-other"' in text


def test_nothing_in_it_is_markup_or_runs() -> None:
    text = page(HOSTILE)
    assert "<script" not in text
    assert "<img src=x" not in text
    assert "default-src 'none'" in text


def test_it_says_how_to_get_figures_where_matplotlib_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    sentence = "Figures of what failed need Matplotlib"
    assert sentence not in page()
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert sentence in page()
    assert sentence not in page(outcome=Outcome.PASSED)


def test_points_that_are_decided_later_are_not_counted_as_lost() -> None:
    found = with_points_decided_later()
    text = report(found)
    assert '<p class="total">14 of 14 points</p>' in text
    assert "6 more points are decided later" in text
    assert '<td class="n">7 of 7</td>\n<td class="n">5 of 5</td>' in text  # the check that was not run is not counted
    alone = msgspec.structs.replace(found, points=7.0, max_points=10.0, exercises=found.exercises[:1])
    for shown, later in ((card(alone), 3), (lesson_card(found), 6)):
        assert "7 of 7 points" in shown
        assert "of 10" not in shown
        assert shown.count("decided later") == 1
        assert f"{later} more points are decided later" in shown
    assert "5 of 5 checks passed" in card(alone)
    assert "14 of 14 points" in lesson_card(found)
    assert "decided later" not in card(verdict())


@pytest.mark.parametrize("opened", [True, False])
def test_a_page_is_opened_where_a_window_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: bool) -> None:
    asked: list[str] = []
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("webbrowser.open", lambda uri: asked.append(uri) or opened)
    place = tmp_path / "report.html"
    assert str(place) in show_page(place, {"DISPLAY": ":0"})
    assert show_page(place, {"DISPLAY": ":0"}).startswith("The report is open") == opened
    assert asked[0] == place.as_uri()
    asked.clear()
    assert "open it in a browser" in show_page(place, {})
    assert asked == []


@pytest.mark.torch
def test_open_writes_the_page_into_the_course_copys_own_folder(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    from helpers.course_factory import make_course

    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    course = make_course(tmp_path / "course", changes={"exercises/numbers/double.py": "def double(n): return n"})
    done = command.run("double", "--open", cwd=course)
    place = course / ".grade" / "report.html"
    assert done.returncode == 1
    assert str(place) in done.stdout
    assert "The number is returned as it is." in place.read_text(encoding="utf-8")
    assert "def double(n): return n" in place.read_text(encoding="utf-8")
