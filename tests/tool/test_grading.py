"""A submission in, a verdict out: what passes, what fails, and whose fault it is."""

from __future__ import annotations

import dataclasses
import importlib.util
import io
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from PIL import Image

from grader.authoring.comparisons import comparisons
from grader.course.finding import find_course
from grader.course.seeds import Seeds
from grader.errors import GraderError
from grader.grading import Grader
from grader.plugin.judge import Judge
from grader.results import Outcome
from grader.sandbox.outside.failures import SubmissionStopped
from grader.sandbox.outside.server import ForkServer, Isolation
from grader.sandbox.outside.session import Session
from grader.submission.reading import read_submission
from helpers.course_factory import make_course
from helpers.equipment import BENCH
from helpers.patience import BRIEF, PLENTY

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.course.model import Course, Exercise
    from grader.sandbox.outside.transcript import CallRecord, Question
    from grader.submission.model import Submission

RIGHT = "def double(number): return number * 2"
PUBLIC = "exercises/numbers/checks/test_double.py"
HIDDEN = "reference/numbers/double/test_hidden.py"


def outcomes(result: object) -> list[str]:
    return [check.outcome for check in result.checks]  # type: ignore[attr-defined]


def public_check(body: str, arguments: str = "submission", head: str = "") -> dict[str, str | None]:
    """Return a course whose public check has this body."""
    source = f'from grader.checks import *\nimport hypothesis.strategies as st\nfrom hypothesis import given\n{head}\ndef test_double_of_two({arguments}):\n    """Twice two."""\n'
    return {PUBLIC: source + "".join(f"    {line}\n" for line in body.splitlines())}


def test_a_right_solution_gets_all_points(graded: Callable) -> None:
    result = graded(RIGHT)
    assert (result.outcome, result.points, outcomes(result)) == (Outcome.PASSED, 10, ["passed", "passed"])


def test_a_check_of_several_parameters_is_told_to_have_ended_once_after_the_last(
    tmp_path: Path, server: ForkServer
) -> None:
    """What was compared until then belongs to it: told after its first parameter, the rest counted for the next one."""
    changes = public_check(
        "assert_close(torch.tensor(float(submission.double(n))), torch.tensor(2.0 * n), f'Twice {n}.')",
        "submission, n",
        '@pytest.mark.parametrize("n", [2, 3])',
    )
    changes[PUBLIC] = f"import pytest, torch\n{changes[PUBLIC]}"
    course = find_course(make_course(tmp_path / "course", changes=changes))
    (tmp_path / "work.py").write_text(RIGHT)
    told: list[str] = []
    with comparisons() as measured:

        def note(exercise: Exercise, check: str) -> None:
            told.append(check)
            measured.note(exercise, check)

        verdict = Grader(course, server).grade(read_submission(tmp_path / "work.py"), course.exercises, note)
    assert verdict.exercises[0].checks[0].message == ""
    assert told == ["test_double_of_two", "test_double_of_minus_three"]
    compared = [sentence for check, sentence in measured.found if check == "test_double_of_two"]
    assert compared == ["Twice 2.", "Twice 3."]


def test_a_check_has_a_folder_of_its_own_each_time_which_is_gone_afterwards(graded: Callable, tmp_path: Path) -> None:
    noted = tmp_path / "noted"
    noted.write_text("")
    body = (
        "(tmp_path / 'file').write_text('what the check writes')\n"
        f"with open({str(noted)!r}, 'a') as noted:\n    noted.write(f'{{tmp_path}}\\n')\n"
        "assert submission.double(2) == 4"
    )
    for _ in range(2):
        assert graded(RIGHT, public_check(body, "submission, tmp_path")).outcome == "passed"
    first, second = noted.read_text().splitlines()
    assert first != second
    assert not Path(first).exists()
    assert not Path(second).exists()


def test_a_wrong_one_gets_the_points_of_the_criteria_it_meets(graded: Callable) -> None:
    result = graded("def double(number): return abs(number) * 2")
    assert (result.outcome, result.points, outcomes(result)) == (Outcome.FAILED, 4, ["passed", "failed"])


def test_a_stub_fails_every_check(graded: Callable) -> None:
    result = graded("def double(number): raise NotImplementedError")
    assert outcomes(result) == ["failed", "failed"]
    assert {check.message for check in result.checks} == {"`double` is not written yet."}


def test_what_cannot_be_read_fails_every_check_with_the_reason(graded: Callable) -> None:
    result = graded("def double(number) return 1")
    assert outcomes(result) == ["failed", "failed"]
    assert "line 1" in result.checks[0].message


def test_the_failing_input_is_part_of_the_verdict(graded: Callable) -> None:
    check = graded("def double(number):\n    print('looking at', number)\n    return 5").checks[0]
    found = check.counterexample
    assert (found.call, found.arguments, found.expected, found.actual) == (
        "double(number=2)",
        {"number": "2"},
        "4",
        "5",
    )
    assert found.printed == "looking at 2\n"


def test_a_property_fails_on_its_smallest_input(graded: Callable) -> None:
    changes = public_check(
        "assert_equal(submission.double(n), 2 * n, 'Twice.')", "submission, n", "@given(n=st.integers(0, 10**6))"
    )
    found = graded("def double(n): return 2 * n if n < 1000 else 0", changes).checks[0].counterexample
    assert found.call == "double(number=1000)"


def test_the_smallest_input_is_searched_within_a_bounded_number_of_calls(
    graded: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Counting is done by the submission itself, and told in the message of its exception.
    source = """
calls = 0
def double(words):
    global calls
    calls += 1
    if sum(map(len, words)) > 60 and len(set("".join(words))) > 6:
        raise ValueError(f"call {calls}")
    return 0
"""
    monkeypatch.setattr("grader.plugin.judge.MAX_SHRINKS", 10)
    words = "@given(words=st.lists(st.text(min_size=5), min_size=20, max_size=30))"
    message = graded(source, public_check("submission.double(words)", "submission, words", words)).checks[0].message
    assert "ValueError" in message
    assert int(message.split("call ")[1].split("\n")[0]) <= 50


DRAWN = """
drawn = []
def double(n):
    drawn.append(n)
    if len(drawn) >= 15 and n > 10:
        raise ValueError(drawn[:15])
    return 2 * n
"""


def drawn(graded: Callable, head: str = "", **options: object) -> str:
    """Return the message that names the first numbers that a property drew."""
    changes = public_check("submission.double(n)", "submission, n", f"{head}\n@given(n=st.integers(0, 10**9))")
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr("grader.plugin.judge.MAX_SHRINKS", 1)  # what is tried afterwards is drawn for another reason
        check = graded(DRAWN, changes, **options).checks[0]
    assert "ValueError: [" in check.message
    return str(check.message.partition("\n")[0])


def test_the_same_draws_come_every_time_and_others_with_a_seed(graded: Callable) -> None:
    assert drawn(graded) == drawn(graded)
    assert drawn(graded, seeds=Seeds(1)) == drawn(graded, seeds=Seeds(1))
    assert len({drawn(graded), drawn(graded, seeds=Seeds(1)), drawn(graded, seeds=Seeds(2))}) == 3


def test_a_secret_draws_what_the_seed_in_the_verdict_draws_again(graded: Callable) -> None:
    """So that a failure in a class can be seen at a desk."""
    result = graded("def double(n): return 0", seeds=Seeds(secret="of a class"))
    assert result.seed is not None
    assert drawn(graded, seeds=Seeds(secret="of a class")) == drawn(graded, seeds=Seeds(result.seed))
    assert drawn(graded, seeds=Seeds(secret="of another")) != drawn(graded, seeds=Seeds(result.seed))
    assert graded("def double(n): return 0").seed is None


def test_constants_in_other_code_do_not_change_what_is_drawn(
    graded: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = drawn(graded)
    other = tmp_path / "somebody_elses.py"
    other.write_text(f"NUMBERS = {[1_000 + 7 * number for number in range(200)]}")
    spec = importlib.util.spec_from_file_location("somebody_elses", other)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setitem(sys.modules, "somebody_elses", module)
    assert drawn(graded) == before


def test_a_function_that_answers_differently_each_time_is_told_so(graded: Callable) -> None:
    changes = public_check("assert submission.double(n) < 1", "submission, n", "@given(n=st.integers(0, 9))")
    source = "calls = 0\ndef double(n):\n    global calls\n    calls += 1\n    return 5 if calls == 3 else 0"
    check = graded(source, changes).checks[0]
    assert check.outcome is Outcome.FAILED
    assert "The same input gave different results" in check.message


def test_nothing_of_pytests_own_account_of_a_failure_is_written(
    graded: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    styles = []
    getrepr = pytest.ExceptionInfo.getrepr

    def counted(error: pytest.ExceptionInfo, **options: Any) -> object:
        styles.append(options["style"])
        return getrepr(error, **options)

    monkeypatch.setattr(pytest.ExceptionInfo, "getrepr", counted)
    assert graded("def double(number): return number").outcome is Outcome.FAILED
    assert set(styles) == {"no"}


# --- the grader's own errors ---


def test_a_wrong_picture_stands_beside_the_expected_one(graded: Callable) -> None:
    red = "Image.new('RGB', (600, 8), ({}, 0, 0))"
    changes = public_check(
        f"assert_same_picture({red.format('100 * submission.double(1)')}, {red.format(200)}, 'Red.')",
        head="from PIL import Image\nfrom grader.checks.images import assert_same_picture",
    )
    hidden = changes[PUBLIC].replace("test_double_of_two", "test_double_of_minus_three")
    public, secret = graded("def double(number): return number", {**changes, HIDDEN: hidden}).checks
    assert secret.counterexample.pictures == ()  # which would be an answer to the last pixel
    found = public.counterexample
    shown = {picture.label: Image.open(io.BytesIO(picture.png)) for picture in found.pictures}
    assert {label: (image.size, image.getpixel((9, 1))) for label, image in shown.items()} == {
        "expected": ((256, 3), (200, 0, 0)),
        "yours": ((256, 3), (100, 0, 0)),
    }


@pytest.mark.parametrize(
    "changes",
    [
        public_check("submission.double(2)\n1 / 0"),
        public_check("pass", head="import no_such_module"),
        public_check("pass", "submission, nothing"),
        public_check("assert_equal(reference.double(2), 4, 'Public.')", "reference"),
        public_check("raise MemoryError"),
        {"reference/numbers/double/solution.py": "1 / 0"},
    ],
    ids=[
        "check raises",
        "import fails",
        "unknown fixture",
        "public asks for the reference",
        "memory",
        "reference raises",
    ],
)
def test_a_broken_check_is_an_error_and_never_a_zero(graded: Callable, changes: dict[str, str | None]) -> None:
    result = graded(RIGHT, changes)
    assert result.outcome is Outcome.ERROR
    assert "failed" not in outcomes(result)
    assert all(check.message for check in result.checks if check.outcome is Outcome.ERROR)


@pytest.mark.parametrize("place", ["top", "end"])
def test_a_check_file_that_cannot_be_imported_decides_nothing_and_says_why(graded: Callable, place: str) -> None:
    changes = public_check(
        "assert_equal(submission.double(2), 4, 'Two.')", head="raise ValueError('half')" if place == "top" else ""
    )
    if place == "end":
        changes = {path: f"{text}\nraise ValueError('half')" for path, text in changes.items()}
    public, hidden = graded(RIGHT, changes).checks
    assert (public.outcome, hidden.outcome) == (Outcome.ERROR, Outcome.PASSED)
    said = f"The check file {PUBLIC} cannot be imported: ValueError: half."
    assert public.message == f"{said} Set GRADE_DEBUG=1 to see the traceback."


def test_the_graders_error_is_tried_once_more(graded: Callable, tmp_path: Path) -> None:
    marker = tmp_path / "tried"
    body = f"import pathlib\nmarker = pathlib.Path({str(marker)!r})\nif not marker.exists():\n    marker.touch()\n    raise OSError('once')\nassert submission.double(2) == 4"
    assert graded(RIGHT, public_check(body)).outcome is Outcome.PASSED


def test_a_fork_server_that_dies_is_replaced(tmp_path: Path) -> None:
    course = find_course(make_course(tmp_path / "course"))
    (tmp_path / "work.py").write_text(RIGHT)
    with ForkServer(Isolation.AUTO, BENCH) as server:
        os.kill(server._process.pid, signal.SIGKILL)
        server._process.wait()
        verdict = Grader(course, server).grade(read_submission(tmp_path / "work.py"), course.exercises)
    assert verdict.outcome is Outcome.PASSED


def test_ctrl_c_stops_the_run(graded: Callable) -> None:
    with pytest.raises(KeyboardInterrupt):
        graded(RIGHT, public_check("raise KeyboardInterrupt"))


# --- one process, many runs ---


def test_courses_with_equal_names_do_not_mix(graded: Callable) -> None:
    assert graded(RIGHT).outcome is Outcome.PASSED
    assert graded(RIGHT, public_check("assert_equal(submission.double(2), 5, 'Other.')")).outcome is Outcome.FAILED
    assert graded(RIGHT).outcome is Outcome.PASSED


def test_a_changed_check_file_is_read_again(tmp_path: Path, server: ForkServer) -> None:
    root = make_course(tmp_path / "course")
    course = find_course(root)
    (tmp_path / "work.py").write_text(RIGHT)
    work = read_submission(tmp_path / "work.py")
    grader = Grader(course, server)
    assert grader.grade(work, course.exercises).outcome is Outcome.PASSED
    check = root / PUBLIC
    check.write_text(check.read_text().replace("4, ", "5, "))
    os.utime(check, ns=(1, 1))
    assert grader.grade(work, course.exercises).outcome is Outcome.FAILED


def test_runs_of_the_same_check_do_not_pile_up(tmp_path: Path, server: ForkServer) -> None:
    body = "depth = sum(frame.filename.endswith('plugin/examples.py') and frame.function == 'example' for frame in inspect.stack(context=0))\nassert depth == 1\nsubmission.double(n)"
    changes = public_check(body, "submission, n", "import inspect\n@given(n=st.integers(0, 9))")
    course = find_course(make_course(tmp_path / "course", changes=changes))
    (tmp_path / "work.py").write_text(RIGHT)
    grader, work = Grader(course, server), read_submission(tmp_path / "work.py")
    assert [grader.grade(work, course.exercises).outcome for _ in range(3)] == [Outcome.PASSED] * 3


def test_a_folder_that_the_course_lies_in_may_be_closed(
    tmp_path: Path, server: ForkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = find_course(make_course(tmp_path / "closed" / "course"))
    (tmp_path / "work.py").write_text(RIGHT)
    work, listed = read_submission(tmp_path / "work.py"), os.scandir

    def not_around_the_course(folder: str | os.PathLike[str] | int) -> object:
        if not isinstance(folder, int) and Path(folder) in course.root.parents:
            raise PermissionError(13, "Permission denied", os.fspath(folder))
        return listed(folder)

    monkeypatch.setattr(os, "scandir", not_around_the_course)
    assert Grader(course, server).grade(work, course.exercises).outcome is Outcome.PASSED


def test_everybodys_pytest_and_hypothesis_settings_are_left_alone(
    graded: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    before = hypothesis.settings.get_current_profile_name()
    assert (
        graded(RIGHT, {"conftest.py": "raise SystemExit", "pytest.ini": "[pytest]\naddopts = --nonsense"}).outcome
        is Outcome.PASSED
    )
    assert hypothesis.settings.get_current_profile_name() == before
    assert os.environ["PYTEST_ADDOPTS"] == "--no-such-option"


# --- what a student's copy lacks ---


def test_hidden_checks_that_are_not_there_are_pending(tmp_path: Path, server: ForkServer) -> None:
    course = find_course(make_course(tmp_path / "course", reference=False))
    (tmp_path / "work.py").write_text(RIGHT)
    result = Grader(course, server).grade(read_submission(tmp_path / "work.py"), course.exercises).exercises[0]
    assert outcomes(result) == ["passed", "skipped"]
    assert (result.outcome, result.points, result.max_points) == (Outcome.PASSED, 4, 10)


def test_the_first_failure_may_be_asked_of_some_checks(tmp_path: Path, server: ForkServer) -> None:
    course = find_course(make_course(tmp_path / "course"))
    (tmp_path / "work.py").write_text("def double(number): return abs(number) * 2")
    grader, submission, [exercise] = Grader(course, server), read_submission(tmp_path / "work.py"), course.exercises
    assert grader.first_failure(submission, exercise) == "test_double_of_minus_three"
    assert grader.first_failure(submission, exercise, ["test_double_of_minus_three"]) == "test_double_of_minus_three"
    assert grader.first_failure(submission, exercise, ["test_double_of_two"]) is None
    with pytest.raises(GraderError, match="no check called test_double_of_tow"):
        grader.first_failure(submission, exercise, ["test_double_of_tow"])


# --- diagnosis ---


def test_a_known_mistake_is_named(graded: Callable) -> None:
    (diagnosis,) = graded("def double(x):\n    y = x + 0\n    return y").checks[0].diagnosis
    assert (diagnosis.variant, diagnosis.title) == ("unchanged", "The number is returned as it is.")
    assert diagnosis.explanation.startswith("Twice a number is the number and the number again")


def test_an_unknown_mistake_is_not_guessed_at(graded: Callable) -> None:
    assert [check.diagnosis for check in graded("def double(n): return n * 3").checks] == [(), ()]


def test_what_a_variant_answered_once_is_not_asked_again(
    tmp_path: Path, server: ForkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = find_course(make_course(tmp_path / "course"))
    (tmp_path / "work.py").write_text("def double(n): return n")
    opened = []
    open_session = Judge.open_session

    def counted(judge: Judge, exercise: Exercise, submission: Submission) -> Session:
        opened.append(submission.name)
        return open_session(judge, exercise, submission)

    monkeypatch.setattr(Judge, "open_session", counted)
    grader = Grader(course, server)
    verdicts = [grader.grade(read_submission(tmp_path / "work.py"), course.exercises) for _ in range(2)]
    assert opened.count("work.py") == 2
    assert opened.count("unchanged.py") == 1
    first, second = ([check.diagnosis for check in verdict.exercises[0].checks] for verdict in verdicts)
    assert first == second
    assert first[0]


def test_mistakes_are_looked_for_behind_the_checks_that_are_named_alone(tmp_path: Path, server: ForkServer) -> None:
    course = find_course(make_course(tmp_path / "course"))
    submission = read_submission(course.exercises[0].wrong[0])
    verdict = Grader(course, server).grade(submission, course.exercises, diagnosed=["test_double_of_minus_three"])
    first, second = verdict.exercises[0].checks
    assert (first.outcome, first.diagnosis) == (Outcome.FAILED, ())
    assert [diagnosis.variant for diagnosis in second.diagnosis] == ["unchanged"]


def test_a_mistake_that_fails_a_passed_check_is_not_named(graded: Callable) -> None:
    first, second = graded("def double(n): return n if n < 0 else 2 * n").checks
    assert (first.outcome, second.outcome) == (Outcome.PASSED, Outcome.FAILED)
    assert (first.diagnosis, second.diagnosis) == ((), ())  # the variant "unchanged" gives this answer, and fails both


def test_of_several_mistakes_that_fit_the_failing_input_the_other_calls_decide(graded: Callable) -> None:
    wrong = '"""Squared.\n\nTwice two is also two squared."""\nCAUGHT_BY = "test_double_of_minus_three"\ndef double(n): return n * n'
    absolute = '"""Without its sign."""\nCAUGHT_BY = "test_double_of_minus_three"\ndef double(n): return abs(n) * 3 if n != 2 else 4'
    changes = {
        "reference/numbers/double/wrong/squared.py": wrong,
        "reference/numbers/double/wrong/threefold.py": absolute,
    }
    changes |= public_check(
        "assert_equal(submission.double(2), 4, 'Two.')\nassert_equal(submission.double(5), 10, 'Five.')"
    )
    _, hidden = graded("def double(n): return abs(n) * 3 if n != 2 else 4", changes).checks
    assert [diagnosis.variant for diagnosis in hidden.diagnosis] == ["threefold"]


def test_several_mistakes_at_once_are_named_where_each_shows(graded: Callable) -> None:
    negative = '"""Negative numbers lose their sign."""\nCAUGHT_BY = "test_double_of_minus_three"\ndef double(n): return abs(2 * n)'
    source = "def double(n): return n if n == 2 else abs(2 * n)"
    first, second = graded(source, {"reference/numbers/double/wrong/no_sign.py": negative}).checks
    assert [(diagnosis.variant, diagnosis.agreement) for diagnosis in first.diagnosis] == [("unchanged", 0.5)]
    assert [(diagnosis.variant, diagnosis.agreement) for diagnosis in second.diagnosis] == [("no_sign", 0.5)]


def test_a_touched_input_is_told_from_an_untouched_one_to_the_bit(graded: Callable) -> None:
    check = "import torch\nafter = submission.double.called_with(torch.tensor(0.1)).arguments['number']\nassert after == torch.tensor(0.1), 'Changed.'"
    wrong = '"""Nothing is returned."""\nCAUGHT_BY = "test_double_of_two"\ndef double(n): pass'
    changes = {
        "reference/numbers/double/wrong/nothing.py": wrong,
        "exercises/numbers/double.py": "def double(number): raise NotImplementedError",
    }
    first, _ = graded("def double(n):\n    n += 1\n    n -= 1", changes | public_check(check)).checks
    assert first.message == "Changed."
    assert first.diagnosis == ()


def test_where_many_mistakes_fit_none_is_named(graded: Callable) -> None:
    same = '"""Mistake {}."""\nCAUGHT_BY = "test_double_of_two"\ndef double(n): return n'
    changes = {f"reference/numbers/double/wrong/same{number}.py": same.format(number) for number in range(2)}
    assert [check.diagnosis for check in graded("def double(n): return n", changes).checks] == [(), ()]


def test_an_exception_is_recognised_too(graded: Callable) -> None:
    raising = '"""Indexed like a list."""\nCAUGHT_BY = "test_double_of_two"\ndef double(n): return n[0]'
    check = graded(
        "def double(number): return number[1]", {"reference/numbers/double/wrong/indexed.py": raising}
    ).checks[0]
    assert [diagnosis.variant for diagnosis in check.diagnosis] == ["indexed"]


def test_a_loop_without_end_is_not_compared_with_anything(graded: Callable) -> None:
    check = graded("def double(n):\n    while True: pass", call_seconds=BRIEF).checks[0]
    assert check.outcome is Outcome.FAILED
    assert check.diagnosis == ()


# --- whose fault an exception in a check is ---

BREAKS_ON_ZERO = "given = submission.double(2)\nassert 10 // given == 2"


def test_an_exception_in_a_check_that_passes_for_the_solution_is_a_failure(graded: Callable) -> None:
    check = graded("def double(number): return 0", public_check(BREAKS_ON_ZERO)).checks[0]
    assert check.outcome is Outcome.FAILED
    assert check.message.startswith("This check cannot work with what your code returned: ZeroDivisionError")
    assert check.counterexample.call == "double(number=2)"


@pytest.mark.parametrize(
    "body",
    [
        "submission.double(2)\n1 // 0",
        "1 // 0\nsubmission.double(2)",
        f"{BREAKS_ON_ZERO}\n1 // 0",
        "if submission.double(2) == 0: raise OSError('Too many open files')",
        "if submission.double(2) == 0: raise MemoryError",
    ],
    ids=["for everybody", "before the first answer", "later for the solution", "the machine", "no memory"],
)
def test_an_exception_that_the_answer_has_not_caused_is_the_graders_error(body: str, graded: Callable) -> None:
    assert graded("def double(number): return 0", public_check(body)).checks[0].outcome is Outcome.ERROR


def test_without_a_solution_nobody_is_accused_of_an_exception(graded: Callable) -> None:
    changes = public_check(BREAKS_ON_ZERO) | {"reference/numbers/double/solution.py": None}
    assert graded("def double(number): return 0", changes).checks[0].outcome is Outcome.ERROR


# --- what a whole hand-in may take ---


@pytest.fixture
def two_exercises(tmp_path: Path) -> tuple[Course, Submission]:
    """Return a course of two exercises, and a right hand-in."""
    course = find_course(make_course(tmp_path / "course", ("numbers/double", "numbers/twice")))
    (tmp_path / "work.py").write_text(f"{RIGHT}\n{RIGHT.replace('double', 'twice')}\n")
    return course, read_submission(tmp_path / "work.py")


def test_the_workers_of_an_exercise_are_gone_when_the_next_one_begins(
    two_exercises: tuple[Course, Submission], server: ForkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    spawn, before, alive = server.spawn, len(server._workers), []

    def counted(*given: object, **named: object) -> object:
        made = spawn(*given, **named)  # type: ignore[arg-type]
        alive.append(len(server._workers) - before)
        return made

    monkeypatch.setattr(server, "spawn", counted)
    course, submission = two_exercises
    assert Grader(course, server).grade(submission, course.exercises).points == 20
    assert alive == [1, 1]


def test_an_exercise_that_has_used_up_its_time_takes_none_from_the_next(
    two_exercises: tuple[Course, Submission], server: ForkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = Session._record

    def slow(session: Session, question: Question, started: float) -> CallRecord:
        made = record(session, question, started)
        return dataclasses.replace(made, seconds=1e9) if question.call.function == "double" else made

    monkeypatch.setattr(Session, "_record", slow)
    course, submission = two_exercises
    double, twice = Grader(course, server).grade(submission, course.exercises).exercises
    assert [check.message for check in double.checks] == [
        "", "Not run: this exercise's calls took too long altogether."
    ]  # fmt: skip
    assert (outcomes(double), outcomes(twice)) == (["passed", "failed"], ["passed", "passed"])


def test_the_cpu_time_of_an_exercise_counts_whatever_the_clock_says(server: ForkServer) -> None:
    source = "import time\ndef answer():\n    while time.process_time() < 0.5: pass"
    session = Session(server, {"work.py": source}, {"answer": "work.py"}, call_seconds=PLENTY)
    session._most_cpu_seconds = 0.3
    assert session.call("answer", (), {}).error is None
    with pytest.raises(SubmissionStopped, match="took too long altogether"):
        session.call("answer", (), {})
    session.close()
