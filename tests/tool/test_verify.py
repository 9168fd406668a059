"""`grade verify` finds what is wrong with an exercise, and nothing in one that is right."""

from __future__ import annotations

import dataclasses
import io
import json
import math
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from grader.authoring.changed import changed_exercises
from grader.authoring.findings import Report, to_json
from grader.authoring.formats.terminal import table
from grader.authoring.verify import FAST, Depth, verify
from grader.course.finding import find_course
from grader.errors import UsageError
from grader.grading import Grader
from grader.jobs import Done
from grader.report.console import console
from helpers.course_factory import make_course, write_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from grader.authoring.verify import Task
    from grader.jobs import Settings
    from grader.sandbox.outside.server import ForkServer
    from helpers.command import Command

STUB = "exercises/numbers/double.py"
PUBLIC = "exercises/numbers/checks/test_double.py"
ANSWERS = "reference/numbers/double"
WRONG = f"{ANSWERS}/wrong/unchanged.py"
ACCEPTED = f"{ANSWERS}/accepted/sum.py"

CLOSE = '''
import torch
from grader.checks import assert_close

def test_double_of_two(submission):
    """Twice two is four."""
    actual = torch.tensor(float(submission.double(2)))
    assert_close(actual, torch.tensor(4.0), "Twice two is four.", tolerance=0.1)
'''


@pytest.fixture
def verified(tmp_path: Path, server: ForkServer) -> Callable[..., Report]:
    def run(changes: dict[str, str | None] | None = None, depth: Depth = FAST) -> Report:
        course = find_course(make_course(tmp_path / "course", changes=changes))
        grader = Grader(course, server, diagnosis_seconds=math.inf)
        return verify(grader, course.exercises[0], dataclasses.replace(depth, mutant_seconds=math.inf))

    return run


def test_reading_pages_takes_no_library_of_notebooks() -> None:
    """Every job would import it anew, which may take longer than it verifies an exercise."""
    script = "import sys, grader.authoring.verify_course; sys.exit('nbformat' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_right_exercise_has_no_findings(verified: Callable[..., Report]) -> None:
    report = verified()
    assert report.findings == []
    assert (report.wrong_caught, report.wrong_diagnosed, report.accepted_passed) == (1, 1, 1)


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({STUB: "def double(number: int) -> int: return 4"}, "The stub passes test_double_of_two"),
        ({f"{ANSWERS}/solution.py": "def double(number): return 5"}, "The reference solution fails test_double_of_two"),
        ({f"{ANSWERS}/solution.py": None}, "reference/numbers/double/solution.py is missing: write it."),
        ({ACCEPTED: "def double(number): return float(2 * number)"}, "accepted/sum fails test_double_of_two: the check asks for more"),
        ({WRONG: '"""Right."""\nCAUGHT_BY = "test_double_of_two"\ndef double(n): return 2 * n'}, "wrong/unchanged passes test_double_of_two, its CAUGHT_BY"),
        (
            {WRONG: '"""Half right."""\nCAUGHT_BY = "test_double_of_two"\ndef double(n): return 2 * abs(n)'},
            "wrong/unchanged passes test_double_of_two, its CAUGHT_BY (it fails test_double_of_minus_three)",
        ),
        ({WRONG: '"""Unnamed."""\ndef double(n): return n'}, "wrong/unchanged: CAUGHT_BY is missing"),
        ({WRONG: '"""Misnamed."""\nCAUGHT_BY = "test_nothing"\ndef double(n): return n'}, "CAUGHT_BY is test_nothing"),
        ({WRONG: '"""Misnamed."""\nCAUGHT_BY = "test_doubl_of_two"\ndef double(n): return n'}, "Did you mean test_double_of_two?"),
        ({WRONG: 'CAUGHT_BY = "test_double_of_two"\ndef double(n): return n'}, "wrong/unchanged has no docstring"),
        (
            {WRONG: '"""A slip."""\nCAUGHT_BY = "test_double_of_two"\ndef double(n): return m'},
            "wrong/unchanged fails test_double_of_two by a slip of its author, not by its mistake. `double` raised NameError",
        ),
        ({WRONG: '"""Half right."""\nCAUGHT_BY = "test_double_of_minus_three"\ndef double(n): return 2 * abs(n)'}, "test_double_of_two catches no wrong variant"),
        (
            {f"{ANSWERS}/wrong/copy.py": '"""Another."""\nCAUGHT_BY = "test_double_of_two"\ndef double(n): return n + 0'},
            "wrong/copy is diagnosed as copy, unchanged",
        ),
        (
            {PUBLIC: 'def test_double_of_two(submission):\n    """Two."""\n    submission.double(2) + "x"\n'},
            "The reference solution broke test_double_of_two: The grader could not decide this check: TypeError",
        ),
        (
            {PUBLIC: CLOSE, STUB: "def double(number): raise NotImplementedError", WRONG: '"""Nearly."""\nCAUGHT_BY = "test_double_of_two"\ndef double(n): return 1.7 * n',
             ACCEPTED: "def double(n): return 1.9 * n"},
            "a wrong variant comes within 0.15 and a correct one strays to 0.05",
        ),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)  # fmt: skip
def test_a_planted_fault_is_found(
    verified: Callable[..., Report], changes: dict[str, str | None], finding: str
) -> None:
    findings = verified(changes).findings
    assert any(finding in found for found in findings), findings


def test_the_distances_of_right_and_wrong_variants_are_measured(verified: Callable[..., Report]) -> None:
    nearly = '"""Nearly."""\nCAUGHT_BY = "test_double_of_two"\ndef double(n): return 1.5 * n'
    stub = "def double(number): raise NotImplementedError"
    (tolerance,) = verified(
        {PUBLIC: CLOSE, STUB: stub, ACCEPTED: "def double(n): return 1.999 * n", f"{ANSWERS}/wrong/nearly.py": nearly}
    ).tolerances
    assert (tolerance.check, tolerance.accepted.tolerance) == ("test_double_of_two", 0.1)
    assert tolerance.accepted.distance == pytest.approx(0.0005, rel=1e-3)
    assert tolerance.wrong is not None
    assert tolerance.wrong.distance == pytest.approx(0.25)
    assert tolerance.margin == pytest.approx(500, rel=1e-3)


def test_the_table_counts_and_lists_every_finding(verified: Callable[..., Report]) -> None:
    drawn = io.StringIO()
    console(drawn).print(table([verified({WRONG: '"""Unnamed."""\ndef double(n): return n'})]))
    text = " ".join(drawn.getvalue().split())
    assert "double 2 1 0 0 1 1 0 0 0 1" in text
    assert "✗ double: wrong/unchanged: CAUGHT_BY is missing" in text
    assert "Every check can fail" not in text


def test_the_table_says_when_there_is_nothing_to_find(verified: Callable[..., Report]) -> None:
    drawn = io.StringIO()
    console(drawn).print(table([verified()]))
    assert "✓ Every check can fail, none is unfair, every mistake is named." in drawn.getvalue()


# --- mutants ----------------------------------------------------------------------------------------------------

MUTANTS = Depth(most_mutants=20)
BOUNDED = "def double(number: int) -> int:\n    if number > 1000:\n        return 2 * number\n    return number * 2\n"


def test_mutants_of_a_well_checked_solution_are_all_killed(verified: Callable[..., Report]) -> None:
    report = verified(depth=MUTANTS)
    assert report.findings == []
    assert report.mutants == report.mutants_killed == 3  # 2 / number, 3 * number, 1 * number


def test_a_surviving_mutant_is_shown_as_a_difference(verified: Callable[..., Report]) -> None:
    findings = verified({f"{ANSWERS}/solution.py": BOUNDED}, MUTANTS).findings
    assert any("a mutant passes every check" in found and "-    if number > 1000:" in found for found in findings)
    assert any("record `return 2 * number -> return 3 * number`" in found for found in findings)


def equivalents(*names: str) -> str:
    return "".join(f'[[equivalent]]\nmutant = "{name}"\nreason = "No such number is drawn."\n' for name in names)


@pytest.mark.slow
def test_a_recorded_mutant_is_equivalent_and_no_finding(verified: Callable[..., Report]) -> None:
    survivors = ["if number > 1000: -> if number >= 1000:", "if number > 1000: -> if number > 1001:",
                 "if number > 1000: -> if number > 999:", "return 2 * number -> return 2 / number",
                 "return 2 * number -> return 3 * number", "return 2 * number -> return 1 * number"]  # fmt: skip
    changes = {f"{ANSWERS}/solution.py": BOUNDED, f"{ANSWERS}/equivalent.toml": equivalents(*survivors)}
    found = verified({**changes}, MUTANTS)
    odd = [
        finding for finding in found.findings if "if number < 1000" not in finding and "if not number" not in finding
    ]
    assert odd == []
    assert found.mutants_equivalent == 6


@pytest.mark.parametrize(
    ("recorded", "finding"),
    [
        (equivalents("return 2 * number -> return 3 * number"), "which is caught: remove the entry"),
        (equivalents("x = 1 -> x = 2"), "which is not a mutant of the solution any more: remove the entry"),
        ('[[equivalent]]\nmutant = "x"\n', "write [[equivalent]] tables with `mutant` and `reason`"),
    ],
)
def test_a_record_that_no_longer_applies_is_a_finding(
    verified: Callable[..., Report], recorded: str, finding: str
) -> None:
    findings = verified({f"{ANSWERS}/equivalent.toml": recorded}, MUTANTS).findings
    assert any(finding in found for found in findings), findings


FICKLE = """
from hypothesis import given, strategies
from grader.checks import assert_equal

@given(number=strategies.integers(0, 10**9))
def test_double_of_two(submission, number):
    \"\"\"Small numbers are doubled.\"\"\"
    assert_equal(submission.double(2), 4, "Twice two is four.")
    assert_equal(number % 64 == SECRET, False, "The check is fair.")
"""


def test_a_check_that_changes_its_mind_is_named(verified: Callable[..., Report]) -> None:
    # A residue that the repeatable draws leave out, and the draws of some fresh seed do not.
    reports = (verified({PUBLIC: FICKLE.replace("SECRET", str(n))}, Depth(seeds=6)) for n in range(3))
    assert any(
        "test_double_of_two changes its mind: the reference solution fails it with --seed" in finding
        for report in reports
        for finding in report.findings
    )


# Two numbers a run: zero, which comes first, and another one, odd at some seeds and even at others.
TWO_DRAWS = """
from hypothesis import given, settings, strategies
from grader.checks import assert_equal

@settings(max_examples=2)
@given(number=strategies.integers(0, 10**9))
def test_double_of_two(submission, number):
    \"\"\"Numbers are doubled.\"\"\"
    assert_equal(submission.double(number), 2 * number, "Twice the number.")
"""
FICKLE_ACCEPTED = "def double(number): return 2 * number + (number > 0 and number % 2 == {parity})"
FICKLE_WRONG = (
    '"""Wrong sometimes."""\nCAUGHT_BY = "test_double_of_two"\n'
    "def double(number): return 2 * number + 7 * (number > 0 and number % 2 == {parity})"
)


@pytest.mark.parametrize(
    ("variant", "source", "finding"),
    [
        ("accepted/fickle", FICKLE_ACCEPTED, "accepted/fickle fails it with --seed"),
        ("wrong/fickle", FICKLE_WRONG, "wrong/fickle passes it, its CAUGHT_BY, with --seed"),
    ],
)
def test_every_variant_is_asked_at_each_seed_that_is_asked_for(
    verified: Callable[..., Report], variant: str, source: str, finding: str
) -> None:
    def findings(parity: int) -> str:
        changes = {PUBLIC: TWO_DRAWS, f"{ANSWERS}/{variant}.py": source.format(parity=parity)}
        return "\n".join(verified(changes, Depth(seeds=6, variants_at_each_seed=True)).findings)

    asked = [findings(parity) for parity in (0, 1)]  # one of the two is as it should be by default
    assert any(f"test_double_of_two changes its mind: {finding}" in found for found in asked), asked


SHORT_STUB = (
    '"""Doubling."""\ndef double(number: int) -> int:\n    """Twice `number`."""\n    raise NotImplementedError\n'
)


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({STUB: 'def double(number: int) -> int:\n    """Twice `number`."""\n    raise NotImplementedError\n'}, "The stub has no docstring at its top"),
        ({STUB: '"""Doubling."""\ndef double(number: int) -> int:\n    """Twice it."""\n    raise NotImplementedError\n'}, "does not name `number`"),
        ({STUB: '"""Doubling."""\ndef double(number) -> int:\n    """Twice `number`."""\n    raise NotImplementedError\n'}, "has no type for `number`"),
        ({STUB: '"""Doubling."""\ndef double(number: int) -> int:\n    """Twice `number`."""\n    two = 2\n    raise NotImplementedError\n'}, "does something already"),
        ({STUB: SHORT_STUB.replace("number: int)", "number: int = 2)")}, "asks for `double(number=2)` and the solution has `double(number)`"),
        ({STUB: SHORT_STUB.replace("number", "n")}, "asks for `double(n)` and the solution has"),
        ({"exercises/numbers/v-halve.py": "def halve(number): ..."}, "numbers/v-halve.py has no checks, so it is not an exercise: write exercises/numbers/checks/test_v-halve.py, or call it _v-halve.py"),
        ({f"{ANSWERS}/notes.txt": "x"}, "notes.txt in reference/numbers/double is read by nothing"),
        (
            {f"{ANSWERS}/test_hidden.py": 'def test_double_of_minus_three(submission, reference):\n    """Minus."""\n'
             "    expected = reference.double(-3)\n    assert submission.double(-3) == expected, f'It is {expected}.'\n"},
            "test_double_of_minus_three writes an expected value into its message (test_hidden.py, line 4)",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_reading_finds(verified: Callable[..., Report], changes: dict[str, str | None], finding: str) -> None:
    assert any(finding in found for found in verified(changes).findings)


def test_helpers_of_a_lesson_are_no_finding(verified: Callable[..., Report]) -> None:
    changes = {
        "exercises/numbers/_shared.py": "TWO = 2\n",
        "exercises/numbers/tools.py": "TWO = 2\n",
        STUB: SHORT_STUB.replace("def double", "from tools import TWO\ndef double"),
    }
    assert verified(changes).findings == []


def test_checks_that_cannot_be_imported_are_one_finding(verified: Callable[..., Report]) -> None:
    assert len(verified({PUBLIC: "import nothing_of_this_name\n" + CLOSE}).findings) == 1


def test_where_the_solution_is_wrong_nothing_else_is_asked(verified: Callable[..., Report]) -> None:
    report = verified({f"{ANSWERS}/solution.py": "def double(number: int) -> int: return 5"})
    assert [finding.partition(":")[0] for finding in report.findings] == [
        "The reference solution fails test_double_of_two"
    ]
    assert (report.wrong_caught, report.accepted_passed) == (0, 0)


def test_a_recording_of_mistakes_is_no_finding(verified: Callable[..., Report]) -> None:
    assert verified({f"{ANSWERS}/mistakes.json": "{}"}).findings == []


def test_json_holds_counts_and_findings(verified: Callable[..., Report]) -> None:
    (found,) = json.loads(to_json([verified(depth=MUTANTS)]))
    assert (found["exercise"], found["mutants"], found["mutants_killed"], found["findings"]) == ("double", 3, 3, [])


def test_only_what_changed_is_looked_at(tmp_path: Path, command: Command) -> None:
    course = find_course(make_course(tmp_path, ["numbers/double", "numbers/twice", "words/again"]))
    for arguments in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=A", "-c", "user.email=a@b.c", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    assert changed_exercises(course, course.exercises, "HEAD") == ()
    done = command.run("verify", "--changed", "HEAD", cwd=tmp_path)  # as before every commit
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "No exercise has changed since HEAD: there is nothing to check.\n"
    write_files(tmp_path, {"reference/numbers/twice/wrong/new.py": "", "rubrics/words.toml": "changed"})
    assert [e.name for e in changed_exercises(course, course.exercises, "HEAD")] == ["twice", "again"]
    with pytest.raises(UsageError, match="git cannot compare with nowhere"):
        changed_exercises(course, course.exercises, "nowhere")


# --- runs that do not get to their end ---


def test_an_interrupted_run_reports_what_it_has_found_and_how_to_go_on(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = make_course(tmp_path / "course", ("numbers/double", "numbers/twice"))

    def interrupted(_: Settings, __: object, tasks: Sequence[Task], ___: int) -> Iterator[Done[Task, Report]]:
        report = Report(find_course(course).select(["double"])[0], findings=["It is wrong."])
        yield Done(next(task for task in tasks if task.exercise == "numbers/double"), report)
        raise KeyboardInterrupt

    monkeypatch.setattr("grader.jobs.run_jobs", interrupted)
    done = command.run("verify", "--fast", cwd=course)
    assert done.returncode == 130
    assert "double: It is wrong." in done.stderr  # at once, and in the report
    assert "✗ double: It is wrong." in done.stdout
    assert "Stopped: 1 exercise is left. Go on with: grade verify --fast twice\n" in done.stderr


def test_a_break_on_one_exercise_leaves_the_reports_on_the_others(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = make_course(tmp_path / "course", ("numbers/double", "numbers/twice"))

    def broken(_: Settings, __: object, tasks: Sequence[Task], ___: int) -> Iterator[Done[Task, Report]]:
        for task in tasks:
            if task.exercise == "numbers/double":
                yield Done(task, None, broken="a shelf fell down")
            else:
                yield Done(task, Report(find_course(course).select(["twice"])[0]))

    monkeypatch.setattr("grader.jobs.run_jobs", broken)
    done = command.run("verify", "--fast", cwd=course)
    assert done.returncode == 3
    assert "twice" in done.stdout
    assert "numbers/double: a shelf fell down" in done.stderr
