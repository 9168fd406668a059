"""The verdict on a terminal: the first failure in full, the rest a line each, on one screen, in any width and font."""

from __future__ import annotations

import io
import re
import sys
from typing import Any

import msgspec
import pytest

from grader.course.rubric import BESIDE_OTHERS
from grader.desk.judges import Bar
from grader.desk.warm import messages
from grader.report.console import drawn
from grader.report.formats import html, plain, terminal
from grader.report.output import say_wrapped
from grader.report.progress import progress
from grader.results import (
    Call,
    CheckResult,
    Counterexample,
    CriterionResult,
    Diagnosis,
    ExerciseResult,
    Outcome,
    SubmissionInfo,
    Verdict,
    combined_outcome,
)
from grader.version import __version__

pytestmark = pytest.mark.light

COLOUR = re.compile(r"\x1b\[[\d;]*m")


class Terminal(io.StringIO):
    """A terminal; Rich takes its size from COLUMNS and LINES."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


class OfAscii(Terminal):
    """A terminal that shows nothing but ASCII."""

    encoding = "ascii"


def example(*calls: Call, **others: Any) -> Counterexample:
    values = {"expected": "4", "actual": "2", "where": None, "difference": None, "tolerance": None, "printed": ""}
    return Counterexample("double(number=2)", calls[-1].arguments, calls=calls, **{**values, **others})


TWICE = Call("double", {"number": "2"})


def check(name: str, outcome: Outcome = Outcome.FAILED, **others: Any) -> CheckResult:
    failed = outcome is Outcome.FAILED
    settings = {"message": f"{name} is not so." if failed else "", "counterexample": example(TWICE) if failed else None}
    given = {"name": name, "title": f"Title of {name}.", "visibility": "public", "seconds": 0.0, "diagnosis": ()}
    return CheckResult(outcome=outcome, **{**given, **settings, **others})


def exercise(*checks: CheckResult, name: str = "double") -> ExerciseResult:
    criteria = tuple(
        CriterionResult(f"Criterion {each.name}", 2.0 * (each.outcome is Outcome.PASSED), 2.0, each.outcome, "public", (each.name,), False)
        for each in checks
    )  # fmt: skip
    outcome = combined_outcome(each.outcome for each in checks)
    return ExerciseResult("numbers", name, 4.0, 10.0, outcome, checks, criteria)


def verdict(*exercises: ExerciseResult) -> Verdict:
    info = SubmissionInfo("alice", "00ff")
    return Verdict(
        grader=__version__, course="Doubling", submission=info, isolation="strict", tier="cpu", seed=None, points=4.0,
        max_points=10.0, exercises=exercises,
    )  # fmt: skip


STUB = exercise(check("one", message="`double` is not written yet.", counterexample=None), name="stub")
WRONG = exercise(
    check("crash", crashed=True, message="`double` raised ValueError"),
    check("second", diagnosis=(Diagnosis("a", "It is not doubled.", "Why."),)),
    check("right", Outcome.PASSED),
)


def shown(found: Verdict, stream: io.StringIO | None = None) -> str:
    return COLOUR.sub("", drawn(terminal.verdict(found), stream))


def test_the_first_failure_is_shown_in_full_and_others_in_a_line() -> None:
    text = shown(verdict(WRONG))
    assert "`double` raised ValueError" in text
    assert "second is not so" not in text
    assert "It is not doubled." not in text
    assert re.search(r"^ +✗ +2 Title of second\.$", text, re.MULTILINE)
    assert "`grade show double NUMBER`" in text


def test_what_passed_is_not_listed_where_something_failed() -> None:
    assert "Title of right." not in shown(verdict(WRONG))
    assert "Title of right." in shown(verdict(exercise(check("right", Outcome.PASSED))))


def test_everything_shows_all_failures_in_full() -> None:
    text = drawn(terminal.everything(verdict(WRONG)))
    for part in ("`double` raised ValueError", "second is not so.", "It is not doubled.", "Title of right."):
        assert part in text


def test_points_are_told_by_criterion() -> None:
    text = shown(verdict(WRONG))
    assert "Criterion second" in drawn(terminal.everything(verdict(WRONG)))
    assert re.search(r"✗ 0 of 2 +Criterion second", text)
    assert re.search(r"✓ 2 of 2 +Criterion right", text)


def test_a_stub_is_one_line() -> None:
    lines = shown(verdict(STUB)).splitlines()
    assert [line for line in lines if "stub" in line] == ["· stub  4 of 10 points  numbers  not written yet"]
    assert len(lines) == 2


def test_a_stub_of_two_functions_is_one_line_too() -> None:
    both = [check(name, message=f"`{name}` is not written yet.", counterexample=None) for name in ("one", "other")]
    assert len(shown(verdict(exercise(*both, name="stub"))).splitlines()) == 2
    assert "What failed first" not in plain.plain(verdict(exercise(*both, name="stub")))


def test_points_that_are_decided_later_are_not_missed() -> None:
    later = CriterionResult("Hidden.", 0.0, 3.0, Outcome.SKIPPED, "hidden", (), False)
    right = exercise(check("right", Outcome.PASSED))
    waits = msgspec.structs.replace(right, points=7.0, criteria=(*right.criteria, later))
    found = msgspec.structs.replace(verdict(waits), points=7.0)
    assert "double  7 of 7 points" in shown(found)
    assert "\n7 of 7 points; checks: 1 passed" in shown(found)
    assert "3 more points are decided later" in shown(found)
    assert plain.plain(found).startswith("double: passed, 7 of 7 points, 1 of 1 checks passed.")
    hidden = msgspec.structs.replace(waits, checks=(*waits.checks, check("hidden", Outcome.SKIPPED)), name="other")
    assert re.search(r"^✓ +other +7 of 7 +1 of 1$", shown(verdict(waits, hidden)), re.MULTILINE)


def test_one_point_that_is_decided_later_is_one() -> None:
    later = CriterionResult("Hidden.", 0.0, 1.0, Outcome.SKIPPED, "hidden", (), False)
    right = exercise(check("right", Outcome.PASSED))
    waits = msgspec.structs.replace(right, points=9.0, criteria=(*right.criteria, later))
    assert "1 more point is decided later" in shown(msgspec.structs.replace(verdict(waits), points=9.0))


def test_a_line_without_points_whose_checks_passed_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    kept = CriterionResult("Inputs unchanged", 0.0, 1.0, Outcome.FAILED, "public", ("kept",), False, BESIDE_OTHERS)
    wrong = exercise(check("wrong"), check("kept", Outcome.PASSED))
    found = verdict(msgspec.structs.replace(wrong, criteria=(wrong.criteria[0], kept)))
    said = " ".join(COLOUR.sub("", drawn(terminal.everything(found), None)).split())
    assert "✗ 0 of 1 Inputs unchanged (counts once another criterion has points)" in said
    assert "Inputs unchanged: 0 of 1 points (counts once another criterion has points)." in plain.everything(found)
    assert f'Inputs unchanged <span class="dim">({BESIDE_OTHERS})</span>' in html.report(found)


def test_sentences_are_broken_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    stdout = Terminal()
    monkeypatch.setattr(sys, "stdout", stdout)
    say_wrapped(
        "Open exercises/numbers/a_name_that_is_longer.py: its docstring says it.\n\n  python some words that are many"
    )
    assert stdout.getvalue().splitlines() == [
        "Open", "exercises/numbers/a_name_that_is_longer.py:", "its docstring says it.", "",
        "  python some words that are", "  many",
    ]  # fmt: skip


def test_several_exercises_are_a_table_and_the_first_failure() -> None:
    text = shown(verdict(STUB, exercise(check("right", Outcome.PASSED), name="good"), WRONG))
    assert re.search(r"^✓ +good +4 of 10 +1 of 1$", text, re.MULTILINE)
    assert re.search(r"^✗ +double +4 of 10 +1 of 3 +`double` raised ValueError$", text, re.MULTILINE)
    assert "numbers, not written yet: stub" in text
    assert "Title of crash." in text


def test_a_narrow_table_keeps_names_and_points(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    long = exercise(check("long", message="word " * 50), check("x", Outcome.PASSED), name="a_name_of_some_length")
    text = shown(verdict(long, exercise(check("right", Outcome.PASSED), name="good")), Terminal())
    assert re.search(r"^✗ +a_name_of_some_length +4 of 10 +1 of 2 +Title", text, re.MULTILINE)
    assert max(map(len, text.splitlines())) <= 60


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_many_failures_fit_one_screen(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("LINES", "24")
    many = exercise(
        check("first", crashed=True), *(check(f"number {n}", message=f"{n}{n}") for n in "abcdefghijklmnopq")
    )
    text = shown(verdict(many), Terminal())
    assert len(text.splitlines()) < 24
    assert max(map(len, text.splitlines())) <= columns
    assert "first is not so." in text
    assert re.search(r"\d+ more failed, points: see `grade show double --all`", " ".join(text.split()))


LONG = exercise(
    check("crowded", message="Words of a message. " * 20, diagnosis=(Diagnosis("a", "It is not doubled.", "Why so. " * 40),),
          counterexample=example(*[Call("double", {"number": f"tensor({list(range(60))})"})] * 4, expected="4, " * 90, actual="2, " * 90,
                                 where="[0]: 1 instead of 2", how=("All differ.",) * 4, difference=1.0, tolerance=0.1, printed="said\n" * 30)),
    check("right", Outcome.PASSED), name="an_exercise_of_some_length",
)  # fmt: skip
GOOD = exercise(check("right", Outcome.PASSED))


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("others", [0, 1, 4, 30])
def test_a_long_failure_fits_one_screen_alone_and_below_a_table(
    monkeypatch: pytest.MonkeyPatch, columns: int, others: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("LINES", "24")
    more = [
        msgspec.structs.replace(each, name=f"{name}_{number}")
        for number in range(others)
        for name, each in (("good", GOOD), ("wrong", WRONG), ("stub", STUB))
    ]
    text = shown(verdict(LONG, *more), Terminal())
    assert len(text.splitlines()) <= 21  # with what was mended, what is next, and the prompt
    assert max(map(len, text.splitlines())) <= columns
    for part in (
        "Words of a message.",
        "expected",
        "yours",
        "It is not doubled.",
        "grade show an_exercise_of_some_length",
    ):
        assert part in " ".join(text.split())
    if others:
        assert f"{others} passed" in text


def test_what_is_not_shortened_keeps_its_lines_and_goes_on_where_they_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    found = exercise(check("x", message="It raised:\n    " + "word " * 20), check("y", Outcome.PASSED))
    lines = [line for line in shown(verdict(found)).splitlines() if "word" in line]
    assert len(lines) == 2
    assert {len(line) - len(line.lstrip()) for line in lines} == {8}
    assert "x is not so" not in shown(verdict(found))


def test_what_was_not_run_is_read_after_what_was_stopped() -> None:
    stopped = check("stopped", crashed=True, message="`double` was stopped after 5 seconds", breadth=0.9)
    not_run = check("a", crashed=True, message="Not run: 2 calls before this one had to be stopped.", breadth=0.1)
    text = shown(verdict(exercise(not_run, stopped, check("right", Outcome.PASSED))))
    assert "stopped after 5 seconds" in text
    assert "Not run" not in text


def test_of_what_is_not_finite_the_first_place_is_told() -> None:
    found = check("x", counterexample=example(TWICE, where="first at [1, 0]"))
    assert re.search(
        r"^ +first at +\[1, 0\]$", shown(verdict(exercise(found, check("y", Outcome.PASSED)))), re.MULTILINE
    )


def test_no_line_ends_with_a_blank(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for stream in (None, Terminal()):
        for line in drawn(terminal.verdict(verdict(WRONG)), stream).splitlines():
            assert not COLOUR.sub("", line).endswith(" ")


@pytest.mark.parametrize(("columns", "width"), [("60", 60), ("", 100), ("wide", 100)])
def test_a_file_is_as_wide_as_columns_says(monkeypatch: pytest.MonkeyPatch, columns: str, width: int) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    long = exercise(check("long", message="word " * 200), check("right", Outcome.PASSED))
    assert width - 8 < max(map(len, shown(verdict(long)).splitlines())) <= width


def test_colours_are_for_terminals_that_want_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    red = "\x1b[31m✗"
    assert red in drawn(terminal.verdict(verdict(WRONG)), Terminal())
    assert "\x1b" not in drawn(terminal.verdict(verdict(WRONG)), io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert red not in drawn(terminal.verdict(verdict(WRONG)), Terminal())
    assert "✗" in drawn(terminal.verdict(verdict(WRONG)), Terminal())  # not by colour alone


def test_marks_are_those_that_the_font_has(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WSL_DISTRO_NAME", "WT_SESSION", "TERM_PROGRAM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "✗ double" in shown(verdict(WRONG), Terminal())
    assert "x double" in shown(verdict(WRONG), OfAscii())
    monkeypatch.setenv("WSL_DISTRO_NAME", "Ubuntu")
    assert "\N{MULTIPLICATION SIGN} double" in shown(verdict(WRONG), Terminal())
    monkeypatch.setenv("WT_SESSION", "1")  # the new console of Windows
    assert "✗ double" in shown(verdict(WRONG), Terminal())


def test_several_calls_of_an_example_are_told_apart() -> None:
    calls = (
        Call("blend", {"mask": "1", "picture": "2"}, (), "7"),
        Call("blend", {"mask": "0", "picture": "2"}, ("mask",), "8"),
        Call("blend", {"mask": "0", "picture": "2"}, (), "9"),
    )
    found = exercise(check("x", counterexample=example(*calls, actual="9")), check("right", Outcome.PASSED))
    lines = [" ".join(line.split()) for line in shown(verdict(found)).splitlines()]
    at = lines.index("call 1 blend(mask=1, picture=2)")
    assert lines[at + 1 : at + 6] == [
        "gave 7",
        "call 2 the same, but mask=0",
        "gave 8",
        "call 3 the same again",
        "expected 4",
    ]


def test_how_a_tensor_differs_is_told_below_it() -> None:
    found = example(
        TWICE, where="[0]: 1.0 instead of 2.0", how=("3 of 9 numbers differ.", "Yours is 0 in these places.")
    )
    lines = shown(verdict(exercise(check("x", counterexample=found), check("right", Outcome.PASSED)))).splitlines()
    at = next(n for n, line in enumerate(lines) if "3 of 9" in line)
    assert lines[at].split() == ["how", "3", "of", "9", "numbers", "differ."]
    assert lines[at + 1].strip() == "Yours is 0 in these places."


def test_an_example_of_an_earlier_version_is_shown() -> None:
    old = Counterexample("double(number=2)", {"number": "2"}, "4", "2", None, None, None, "")
    text = shown(verdict(exercise(check("x", counterexample=old), check("right", Outcome.PASSED))))
    assert re.search(r"input +double\(number=2\)", text)


# --- for screen readers ---


def test_plain_text_says_everything_in_words() -> None:
    text = plain.plain(verdict(WRONG))
    assert text.splitlines()[0] == "double: failed, 4 of 10 points, 1 of 3 checks passed."
    for part in (
        "What failed first: Title of crash.", "Input: double(number=2)", "Expected: 4", "Yours: 2",
        "Also failed, number 2: Title of second.", "Criterion right: 2 of 2 points.",
    ):  # fmt: skip
        assert part in text.splitlines()
    assert not re.search(r"[✓✗·\x1b]|  ", text)


def test_plain_text_of_everything_shows_every_failure_in_words() -> None:
    lines = plain.everything(verdict(STUB, WRONG)).splitlines()
    for line in (
        "stub: not written yet.", "double: failed, 4 of 10 points, 1 of 3 checks passed.",
        "Number 1: Title of crash. Failed.", "`double` raised ValueError",
        "Number 2: Title of second. Failed.", "second is not so.", "It is not doubled. Why.",
        "Number 3: Title of right. Passed.", "4 of 10 points.", "Checks: 1 passed, 3 failed.", "Isolation strict.",
    ):  # fmt: skip
        assert line in lines
    assert not re.search(r"[✓✗·\x1b]|  ", "\n".join(lines))


@pytest.mark.parametrize("silent", [True, False])
def test_no_bar_moves_where_none_is_wanted(monkeypatch: pytest.MonkeyPatch, silent: bool) -> None:
    stderr = Terminal()
    monkeypatch.setattr(sys, "stderr", stderr)
    with progress(2, silent=silent) as finished, Bar(silent=silent) as bar:
        finished("double")
        bar.heard(messages.Begun(2))
        bar.heard(messages.Finished("double"))
    assert (stderr.getvalue() == "") is silent


def test_plain_text_shows_one_failure_of_several_exercises() -> None:
    text = plain.plain(verdict(STUB, WRONG, msgspec.structs.replace(WRONG, name="other")))
    assert text.count("What failed first") == 1
    assert "stub: not written yet." in text


def test_a_stub_with_blanks_says_where_they_are() -> None:
    left = "2 blanks are left in double.py: lines 6 and 7."
    stub = exercise(check("one", message=f"{left}\n`double` is not written yet.", counterexample=None))
    assert [shown(verdict(stub)).count(said) for said in ("not written yet", left, "Title of one")] == [1, 1, 0]
    assert plain.plain(verdict(stub)).splitlines()[0] == f"double: not written yet. {left}"
