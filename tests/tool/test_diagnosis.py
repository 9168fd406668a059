"""A mistake is named by what an answer means, only where nothing speaks against it, and chance is told from mistakes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save

from grader.authoring.recording import record
from grader.course.finding import find_course
from grader.diagnosis import recorded
from grader.diagnosis.comparison import same_answer
from grader.diagnosis.known_mistakes import closest
from grader.diagnosis.replay import Budget, Replayed
from grader.plugin.judge import Judge
from grader.results import Diagnosis
from grader.sandbox.outside.failures import SubmissionError, SubmissionStopped
from grader.sandbox.outside.transcript import CallRecord, Question
from grader.sandbox.wire import frames, messages, values
from helpers.course_factory import make_course

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grader.course.model import Exercise
    from grader.sandbox.outside.session import Session
    from grader.submission.model import Submission


def answered(
    result: Any = None, *, given: Any = None, after: Any = None, error: SubmissionError | None = None
) -> CallRecord:
    """Return a call that was given one value, and what it answered and left of that."""
    encoder = values.Encoder()
    tree = encoder.tree(given)
    call = messages.Call(1, "f", [tree], {}, 0, True, 1.0, 1.0)
    question = Question(call, frames.encode_frame(call, encoder.buffers))
    return CallRecord(question, result, (given if after is None else after,), {}, error=error)


def recognised(answer: CallRecord, known: CallRecord) -> bool:
    """Tell whether an answer is recognised by what is recorded of a known one."""
    kept, found = (recorded.entry("variant", "test_x", [call], [answered("right")]) for call in (known, answer))
    assert kept is not None
    assert found is not None
    return recorded.agree(json.loads(json.dumps(kept.answers)), found.answers)


def picture(level: int, size: tuple[int, int] = (8, 8)) -> Image.Image:
    return Image.new("RGB", size, (level, 100, 100))


def file(**tensors: torch.Tensor) -> np.ndarray:
    return np.frombuffer(save(tensors), dtype=np.uint8)


def raised(error: str, message: str) -> CallRecord:
    return answered(error=SubmissionError(f"`f` raised {error}: {message}", error))


def odd_rounding(level: int) -> Image.Image:
    found = picture(level)
    found.putpixel((3, 3), (level + 1, 100, 100))
    return found


HALF = torch.full((2, 3), 0.5)
SAME = {
    "int for float": (3, 3.0),
    "float for int": (3.0, 3),
    "NumPy's number": (np.float32(0.1), 0.1),
    "an array without dimensions": (np.array(0.1), 0.1),
    "a tensor without dimensions": (torch.tensor(0.1), 0.1),
    "numbers in a list": ([torch.tensor(1), np.int64(2)], [1, 2]),
    "a picture that was rounded": (odd_rounding(90), picture(90)),
    "a file with other bytes": (file(a=HALF + 1e-7, b=2 * HALF), file(b=2 * HALF, a=HALF)),
    "names in another order": (["to_q", "to_k"], ["to_k", "to_q"]),
    "complex numbers": (torch.tensor([1 + 2j]), torch.tensor([1 + 2j])),
    "NaN in the same place": (torch.tensor([1.0, float("nan")]), torch.tensor([1.0, float("nan")])),
}
OTHER = {
    "another number": (3.01, 3.0),
    "True is not 1": (True, 1),
    "a whole number beside another": (10_000_001, 10_000_000),
    "a number where a tensor is known": (0.1, torch.tensor(0.1)),
    "a tensor with a dimension": (torch.tensor([0.1]), 0.1),
    "another picture": (picture(80), picture(90)),
    "a picture of another size": (picture(90, (8, 4)), picture(90)),
    "a file with another tensor": (file(a=HALF + 1), file(a=HALF)),
    "a file with another name": (file(a=HALF), file(b=HALF)),
    "bytes that are no file": (np.zeros(9, dtype=np.uint8), np.ones(9, dtype=np.uint8)),
    "other names": (["to_q", "to_v"], ["to_k", "to_q"]),
    "another imaginary part": (torch.tensor([1 + 2j]), torch.tensor([1 + 3j])),
    "NaN in another place": (torch.tensor([float("nan"), 1.0]), torch.tensor([1.0, float("nan")])),
}


@pytest.mark.parametrize("pair", SAME.values(), ids=SAME)
def test_the_same_meaning_is_the_same_answer(pair: tuple[object, object]) -> None:
    answer, known = (answered(value) for value in pair)
    assert same_answer(answer, known)
    assert recognised(answer, known)


@pytest.mark.parametrize("name", OTHER)
def test_another_meaning_is_another_answer(name: str) -> None:
    answer, known = (answered(value) for value in OTHER[name])
    assert not same_answer(answer, known)
    if name not in ("NaN in another place", "a whole number beside another"):  # these are recorded roughly
        assert not recognised(answer, known)


def test_exceptions_are_the_same_by_type_and_by_what_they_say() -> None:
    known = raised("RuntimeError", "The size of tensor a (3) must match the size of tensor b (4).")
    same = raised("RuntimeError", "The size of tensor a (5) must match the size of tensor b (16).")
    other = raised("RuntimeError", "expected scalar type Long but found Float")
    for tell in (same_answer, recognised):
        assert tell(same, known)
        assert not tell(other, known)
        assert not tell(raised("ValueError", "The size of tensor a (3) must match the size of tensor b (4)."), known)
        assert not tell(answered(error=SubmissionError("`f` returned too much.")), known)


def test_arguments_that_were_changed_nearly_alike_are_told_apart_to_the_bit() -> None:
    one, other = (answered(given=torch.ones(2), after=torch.full((2,), 2.0 + by)) for by in (0.0, 1e-6))
    assert same_answer(one, other)
    assert not same_answer(one, other, to_the_bit=True)
    assert same_answer(one, one, to_the_bit=True)


class Fixed(Replayed):
    """A variant that has answered already."""

    def __init__(self, *answers: CallRecord) -> None:
        self._fixed = list(answers)

    def answers(self, _: Sequence[CallRecord]) -> list[CallRecord]:
        return self._fixed


@pytest.mark.parametrize(
    ("submission", "variant", "explained"),
    [
        (0.5, 0.5, True),  # the variant returns a float where a tensor is right: that is its mistake
        (torch.tensor(0.5), torch.tensor(0.5), False),  # a right answer explains nothing
        (torch.tensor(0.5 + 1e-6), torch.tensor(0.5), False),  # nearly right as it is, and not what the variant does
        (torch.tensor(0.5 + 1e-6), torch.tensor(0.5 + 1e-6), True),
    ],
)
def test_what_is_nearly_right_is_explained_by_the_same_type_and_the_same_bits(
    submission: Any, variant: Any, explained: bool
) -> None:
    right = [answered(torch.tensor(0.5))]
    assert Fixed(answered(variant)).explains([answered(submission)], lambda: right) is explained


def test_what_a_file_has_beside_its_tensors_may_be_the_mistake() -> None:
    right, padded = (np.frombuffer(save({"a": HALF}, of), dtype=np.uint8) for of in (None, {"history": "long"}))
    assert Fixed(answered(padded)).explains([answered(padded)], lambda: [answered(right)])
    assert not Fixed(answered(right)).explains([answered(padded)], lambda: [answered(right)])


def test_where_a_float_is_right_a_tensor_is_not_explained_by_a_variant_that_returns_one() -> None:
    assert not Fixed(answered(0.5)).explains([answered(torch.tensor(0.5))], lambda: [answered(0.5)])


def test_an_argument_that_was_touched_is_told_from_an_untouched_one_to_the_bit() -> None:
    given = torch.full((3,), 0.1)
    untouched = answered(given=given, after=given.clone())
    touched = answered(given=given, after=given + 1)
    rounded = answered(given=given, after=given + 1 + 1e-7)
    barely = answered(given=given, after=given + 1e-7)
    assert same_answer(rounded, touched)
    assert not same_answer(barely, untouched)
    assert not same_answer(untouched, touched)


def test_a_mistake_that_fails_a_hidden_check_which_passed_is_not_named(graded: Callable, tmp_path: Path) -> None:
    course = find_course(make_course(tmp_path / "course"))
    record(course, course.exercises, 1)
    path = course.exercises[0].recorded_mistakes
    assert path is not None
    assert recorded.read(path).fails == {"unchanged": ["test_double_of_two", "test_double_of_minus_three"]}
    wrong = '"""Squared."""\nCAUGHT_BY = "test_double_of_two"\ndef double(n): return n * 3'
    others = {"reference/numbers/double/wrong/unchanged.py": wrong}
    fails = {"unchanged": ["test_double_of_two", "test_double_of_minus_three"]}
    known = recorded.KnownMistakes(recorded.SCHEMA, [], [], fails)
    others["reference/numbers/double/mistakes.json"] = recorded.to_json(known)
    source = "def double(n): return n * 3 if n > 0 else n * 2"
    first, second = graded(source, others).checks
    assert (first.outcome, second.outcome) == ("failed", "passed")
    assert first.diagnosis == ()
    del others["reference/numbers/double/mistakes.json"]
    assert [found.variant for found in graded(source, others).checks[0].diagnosis] == ["unchanged"]


def test_of_two_mistakes_with_one_result_the_one_that_explains_more_is_named() -> None:
    """On a square picture rows and columns coincide; another check's picture tells them apart."""
    rows, columns = Diagnosis("rows", "Rows.", ""), Diagnosis("columns", "Columns.", "")
    found = closest({"test_square": [rows, columns], "test_wide": [rows]})
    assert found == {"test_square": (rows,), "test_wide": (rows,)}
    both = (rows, columns)
    assert closest({"test_square": both, "test_wide": []}) == {"test_square": both, "test_wide": ()}


TINY = '"""A trace is left."""\nCAUGHT_BY = "test_double_of_two"\ndef double(n): return 2.0 * n + {}'
TO_THE_BIT = "assert submission.double(2) == 4.0, 'Not four to the bit.'"


@pytest.mark.parametrize(("trace", "named"), [("1e-9", ["unchanged"]), ("3e-9", [])])
def test_a_mistake_below_the_tolerance_is_named_to_the_bit_alone(
    graded: Callable, trace: str, named: list[str]
) -> None:
    changes = {
        "exercises/numbers/checks/test_double.py": '"""Checks."""\n\n\ndef test_double_of_two(submission):\n'
        f'    """Twice two."""\n    {TO_THE_BIT}\n',
        "reference/numbers/double/wrong/unchanged.py": TINY.format("1e-9"),
        "reference/numbers/double/solution.py": "def double(n): return 2.0 * n",
        "exercises/numbers/double.py": "def double(number): raise NotImplementedError",
    }
    check = graded(f"def double(n): return 2.0 * n + {trace}", changes).checks[0]
    assert check.message == "Not four to the bit."
    assert [found.variant for found in check.diagnosis] == named


WRONG_LATER = (
    '"""Four stays."""\nCAUGHT_BY = "test_double_of_minus_three"\ndef double(n): return 2.0 * n if n != 4 else 4.0'
)
IN_TENSORS = (
    '"""A tensor."""\nimport torch\nCAUGHT_BY = "test_double_of_two"\ndef double(n): return torch.tensor(2.0 * n)'
)


def test_a_mistake_that_does_not_show_is_not_named_where_a_type_alone_is_wrong(graded: Callable) -> None:
    """The type fails every check at its first call, to which the other variant gives the right answer."""
    check = (
        '"""Checks."""\n\n\ndef {0}(submission):\n    """Twice."""\n    found = submission.double({1})\n'
        "    assert type(found) is float, 'No float.'\n    assert (found, submission.double(4)) == (2.0 * {1}, 8.0)\n"
    )
    files = {
        "exercises/numbers/checks/test_double.py": check.format("test_double_of_two", 2),
        "reference/numbers/double/test_hidden.py": check.format("test_double_of_minus_three", -3),
        "reference/numbers/double/wrong/unchanged.py": WRONG_LATER,
        "reference/numbers/double/wrong/in_tensors.py": IN_TENSORS,
        "reference/numbers/double/solution.py": "def double(n): return 2.0 * n",
        "exercises/numbers/double.py": "def double(number): raise NotImplementedError",
    }
    checks = graded("import torch\ndef double(n): return torch.tensor(n + n + 0.0)", files).checks
    assert [check.message for check in checks] == ["No float."] * 2
    assert [[found.variant for found in check.diagnosis] for check in checks] == [["in_tensors"]] * 2


def test_what_is_kept_tells_a_mistake_from_what_is_right() -> None:
    right = [answered(torch.ones(3))]
    plain, tiny, nothing = (
        recorded.entry("v", "test_x", [answered(torch.ones(3) + trace)], right) for trace in (1.0, 2e-5, 1e-12)
    )
    assert plain is not None
    assert tiny is not None
    assert (plain.exact, tiny.exact, nothing) == (False, True, None)


def test_a_mistake_that_agrees_mostly_must_explain_the_check_that_is_about_it() -> None:
    partly = Diagnosis("partly", "Partly.", "", "test_about_it", 0.9)
    assert closest({"test_other": [partly], "test_about_it": []}) == {"test_other": (), "test_about_it": ()}
    explained = {"test_other": [partly], "test_about_it": [partly]}
    assert closest(explained) == {"test_other": (partly,), "test_about_it": (partly,)}


def test_of_mistakes_that_agree_mostly_the_closest_alone_is_named() -> None:
    """Where other inputs contradict two mistakes alike, naming both would be guessing."""
    one, other = (Diagnosis(name, name, "", "test_about_it", 0.7) for name in ("one", "other"))
    assert closest({"test_about_it": [one, other]}) == {"test_about_it": ()}
    closer = Diagnosis("closer", "Closer.", "", "test_about_it", 0.9)
    assert closest({"test_about_it": [one, closer, other]}) == {"test_about_it": (closer,)}


def test_of_recorded_mistakes_that_another_check_contradicts_several_are_not_named() -> None:
    """With one timestep in the list, the last one is the first one too; a longer list tells that it is neither."""
    titles = [Diagnosis("first", "First.", ""), Diagnosis("last", "Last.", "")]
    asked = {"test_short": [answered(torch.ones(1))], "test_long": [answered(torch.zeros(3))]}
    known = {
        variant: [("test_short", answered(torch.ones(1))), ("test_long", answered(torch.full((3,), long)))]
        for variant, long in (("first", 5.0), ("last", 7.0))
    }
    right = {"test_short": [answered(torch.full((1,), 9.0))], "test_long": [answered(torch.full((3,), 9.0))]}
    entries = [
        recorded.entry(variant, check, [call], right[check])
        for variant, calls in known.items()
        for check, call in calls
    ]
    fails = {variant: ["test_short", "test_long"] for variant in known}

    def named(kept: list[recorded.Entry | None]) -> list[str]:
        mistakes = recorded.KnownMistakes(recorded.SCHEMA, titles, [each for each in kept if each], fails)
        return [found.variant for found in recorded.recognise(mistakes, asked, ())["test_short"]]

    assert named(entries) == []
    of_one_only = [entry for entry in entries if entry and entry.variant == "last"]
    assert named(of_one_only) == ["last"]  # there may be more to it, and nothing else fits
    assert named([*entries[:1], *of_one_only]) == ["first"]


def test_a_recorded_mistake_that_does_not_fail_every_failed_check_agrees_in_a_part_only() -> None:
    """It answers the calls of that check rightly, so its answers are not the submission's."""
    right = [answered(torch.full((1,), 9.0))]
    asked = {name: [answered(torch.ones(1))] for name in ("test_short", "test_long", "test_third")}
    entry = recorded.entry("last", "test_short", asked["test_short"], right)
    assert entry is not None
    titles = [Diagnosis("last", "Last.", "")]
    for fails, agreement in ((["test_short"], 1 / 3), (["test_short", "test_long"], 2 / 3), ([*asked], 1.0)):
        known = recorded.KnownMistakes(recorded.SCHEMA, titles, [entry], {"last": fails})
        (found,) = recorded.recognise(known, asked, ())["test_short"]
        assert found.agreement == pytest.approx(agreement)


RANDOM = "import torch\ndef double(n): return 2 * n + float(torch.rand(()))"


def test_random_numbers_of_ones_own_are_recognised(graded: Callable) -> None:
    first, second = graded(RANDOM).checks
    for check in (first, second):
        assert [found.title for found in check.diagnosis] == ["The function draws random numbers of its own."]


def test_nobody_is_accused_of_chance_that_the_solution_leaves_too(graded: Callable) -> None:
    changes = {"reference/numbers/double/solution.py": RANDOM}
    assert [check.diagnosis for check in graded(RANDOM, changes).checks] == [(), ()]


def test_a_submission_that_cannot_be_asked_again_keeps_its_verdict(
    graded: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file may be imported once and never again: then nothing is said, and nothing breaks."""
    opened = []
    open_session = Judge.open_session

    def once(judge: Judge, exercise: Exercise, submission: Submission) -> Session:
        opened.append(submission.name)
        if opened.count("work.py") > 1:
            raise SubmissionStopped("Importing your file failed.")
        return open_session(judge, exercise, submission)

    monkeypatch.setattr(Judge, "open_session", once)
    checks = graded(RANDOM).checks
    assert [(check.outcome, check.diagnosis) for check in checks] == [("failed", ()), ("failed", ())]
    assert opened.count("work.py") > 1


def test_a_wrong_function_without_chance_is_not_called_random(graded: Callable) -> None:
    assert [check.diagnosis for check in graded("def double(n): return n * 3").checks] == [(), ()]


def test_a_search_is_bounded_by_what_it_computes_and_not_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    computed, clock = [100.0], [0.0]
    monkeypatch.setattr("time.process_time", lambda: computed[0])
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    budget = Budget(10.0)
    clock[0] += 1000.0
    assert not budget.is_spent
    budget.spend(8.0)
    computed[0] += 1.9
    assert not budget.is_spent
    computed[0] += 0.2
    assert budget.is_spent


def test_the_likeliest_variants_are_asked_first(graded: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    late = '"""Last by name."""\nCAUGHT_BY = "test_double_of_two"\ndef double(n): return n * 7 if n == 2 else 2 * n'
    early = '"""First by name."""\nCAUGHT_BY = "test_elsewhere"\ndef double(n): return 0'
    changes = {
        "reference/numbers/double/wrong/a.py": early,
        "reference/numbers/double/wrong/unchanged.py": early,
        "reference/numbers/double/wrong/z.py": late,
    }
    asked = []
    open_session = Judge.open_session

    def noted(judge: Judge, exercise: Exercise, submission: Submission) -> Session:
        asked.append(submission.name)
        return open_session(judge, exercise, submission)

    monkeypatch.setattr(Judge, "open_session", noted)
    first, _ = graded("def double(n): return n * 7 if n == 2 else 2 * n", changes).checks
    assert [found.variant for found in first.diagnosis] == ["z"]
    assert asked == ["work.py", "z.py", "solution.py", "a.py", "unchanged.py"]
