"""Draws a verdict on a terminal, with Rich: the first failure in full, the rest a line each, on one screen."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.report.by_hand import answers_found, marked_by_hand, worth
from grader.report.failures import (
    diagnosis_introduction,
    evidence,
    failures,
    left_to_fill_in,
    listed_checks,
    none_passed,
    only_reason,
    points,
    unwritten,
)
from grader.report.one_screen import SHORTEST, AtMost, OneScreen, Optional
from grader.report.registry import Format
from grader.report.terminal_pictures import TerminalPictures
from grader.report.totals import in_checks, in_points, total_in_words
from grader.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.console import RenderableType

    from grader.report.failures import Failure
    from grader.results import CheckResult, CriterionResult, Diagnosis, ExerciseResult, Verdict

MARKS = {
    Outcome.PASSED: ("✓", "green"),
    Outcome.FAILED: ("✗", "red"),
    Outcome.SKIPPED: ("·", "yellow"),
    Outcome.ERROR: ("!", "magenta"),
}
_LABEL_WIDTH = 10
# How many lines each part has in the shorter lengths; without a number, as many as it needs.
_MOST_LINES = {
    2: {"message": 5, "input": 3, "call": 3, "expected": 2, "yours": 2, "how": 2, "printed": 3,
        "explanation": 4, "exercises": 4},
    3: {"message": 4, "input": 2, "call": 2, "expected": 1, "yours": 1, "explanation": 2, "exercises": 3},
    SHORTEST: {"message": 2, "input": 2, "call": 1, "expected": 1, "yours": 1},
}  # fmt: skip
_CUT = min(_MOST_LINES)
_LEAST_TELLING = ("worst at", "first at", "how", "difference", "printed")


def verdict(verdict: Verdict) -> RenderableType:
    """Return what a student needs next: the first failure in full, and of all else a line each.

    Of several exercises it is a table, and the first failure of the first one that was begun and is not right. On a
    terminal it is shortened until it fits the screen.
    """
    below = _total(verdict)
    if len(verdict.exercises) == 1:
        return _one(verdict.exercises[0], below)
    begun = [each for each in verdict.exercises if each.outcome in (Outcome.FAILED, Outcome.ERROR)]
    first = next((each for each in begun if not unwritten(each)), None)
    if first is None:
        return Group(_table(verdict.exercises, 0), *below)
    return _one(first, below, lambda length: [_table(verdict.exercises, length), Text()])


def everything(verdict: Verdict) -> RenderableType:
    """Return the whole verdict: every exercise with all its checks, and everything that went wrong in full."""
    return Group(*map(_all_of, verdict.exercises), *_total(verdict))


def shown_check(check: CheckResult, length: int = 0) -> RenderableType:
    """Return what there is to say of one check; the greater `length`, up to `SHORTEST`, the less."""
    return Group(_marked(check.outcome, _title(check)), Padding(Group(*_details(check, length)), (0, 0, 0, 2)))


# --- one exercise ---


def _one(
    exercise: ExerciseResult,
    below: Sequence[RenderableType],
    above: Callable[[int], Sequence[RenderableType]] = lambda _: (),
) -> RenderableType:
    """Return an exercise, with what stands above and below it on the same screen."""
    found = failures(exercise.checks)
    only = only_reason(exercise)

    def needed(length: int) -> list[RenderableType]:
        if unwritten(exercise):
            head = Text.assemble(_head(exercise), ("  not written yet", "dim"))
            parts: Sequence[RenderableType] = [Text(left)] if (left := left_to_fill_in(exercise)) else []
        elif only is not None:
            head, parts = _head(exercise), _one_reason(exercise, only, length)
        else:
            head, parts = _head(exercise), [_failure(exercise, failure, length) for failure in found[:1]]
        return [*above(length), head, *(Padding(part, (0, 0, 0, 2)) for part in (*parts, *_by_hand(exercise)))]

    optional = [] if only is not None or unwritten(exercise) else _optional(exercise, found[:1])
    return OneScreen(needed, optional, below, f"grade show {exercise.name} --all")


def _one_reason(exercise: ExerciseResult, only: CheckResult, length: int) -> list[RenderableType]:
    """Return the one reason for which no check could pass."""
    last = Text(none_passed(exercise), "dim")
    return [*_details(only, length), last, *_in_full(exercise, "--all", length)]


def _optional(exercise: ExerciseResult, shown: Sequence[Failure]) -> list[Optional]:
    """Return what stands below the first failure if there is room."""
    others = [check for check in listed_checks(exercise.checks) if check not in [each.check for each in shown]]
    lines = [_numbered(exercise, check) for check in others if check.outcome in (Outcome.FAILED, Outcome.ERROR)]
    see = f"also failed; `grade show {exercise.name} NUMBER` shows one in full"
    criteria = [_criterion(each) for each in exercise.criteria if not each.manual]
    passed = [] if lines else [_numbered(exercise, check) for check in others if check.outcome is Outcome.PASSED]
    return [
        Optional(see, lines, "{} more failed"),
        Optional("points", criteria, "points", whole=True),
        Optional("passed", passed, "{} passed"),
    ]


def _head(exercise: ExerciseResult) -> Text:
    mark, style = MARKS[Outcome.SKIPPED if unwritten(exercise) else exercise.outcome]
    return Text.assemble(
        (f"{mark} ", style), (exercise.name, "bold"),
        f"  {in_points(exercise)} points", (f"  {exercise.lesson}", "dim"),
    )  # fmt: skip


def _failure(exercise: ExerciseResult, failure: Failure, length: int) -> RenderableType:
    """Return a failure, and how many others have the same reason."""
    others = [Text(failure.others, "cyan")] if failure.others else []
    see = _in_full(exercise, str(exercise.checks.index(failure.check) + 1), length)
    return Group(shown_check(failure.check, length), *(Padding(part, (0, 0, 0, 2)) for part in (*others, *see)))


def _in_full(exercise: ExerciseResult, what: str, length: int) -> list[RenderableType]:
    """Return where to see all of what was shortened."""
    return [Text(f"Shortened; in full: `grade show {exercise.name} {what}`", "dim")] if length in _MOST_LINES else []


def _details(check: CheckResult, length: int) -> Iterator[RenderableType]:
    if check.message and check.message != check.title:
        yield _cut(check.message, "message", length)
    yield from _evidence(check, length)
    yield from _diagnoses(check.diagnosis, length)


def _cut(text: str, part: str, length: int) -> RenderableType:
    """Return as many lines of a part as there are in this length, the last ones of what was printed."""
    most = _MOST_LINES.get(length, {}).get(part.rstrip(" 0123456789"))
    lines = text.splitlines()
    if part == "printed" and most is not None:
        lines = lines[-most:]
    # What does not fit on a line goes on below where the line begins.
    drawn = Group(*(Padding(Text(line.lstrip()), (0, 0, 0, len(line) - len(line.lstrip()))) for line in lines))
    return drawn if most is None else AtMost(drawn, most)


def _numbered(exercise: ExerciseResult, check: CheckResult, *, one_line: bool = True) -> RenderableType:
    """Return a check's title with the number by which it is asked for."""
    number = exercise.checks.index(check) + 1
    hidden = ("  (hidden)", "dim") if check.visibility == "hidden" else ""
    return _marked(check.outcome, Text.assemble((f"{number:2} ", "dim"), check.title, hidden), one_line=one_line)


def _criterion(criterion: CriterionResult) -> RenderableType:
    hidden = ("  (hidden)", "dim") if criterion.visibility == "hidden" else ""
    given = f"{points(criterion.points)} of {points(criterion.max_points)}"
    if criterion.outcome is Outcome.SKIPPED:
        given = f"{points(criterion.max_points)} later"
    remark = (f"  ({criterion.remark})", "dim") if criterion.remark else ""
    text = Text.assemble(f"{given:8}  ", criterion.title, hidden, remark)
    return _marked(criterion.outcome, text, one_line=not remark)


def _marked(outcome: Outcome, text: Text, *, one_line: bool = False) -> RenderableType:
    mark, style = MARKS[outcome]
    if one_line:
        return Text.assemble((mark, style), " ", text, no_wrap=True, overflow="ellipsis")
    line = Table.grid(padding=(0, 1))
    line.add_row(Text(mark, style), text)
    return line


def _title(check: CheckResult) -> Text:
    style = {Outcome.FAILED: "bold red", Outcome.ERROR: "bold magenta"}.get(check.outcome, "")
    return Text.assemble((check.title, style), ("  (hidden)" if check.visibility == "hidden" else "", "dim"))


def _all_of(exercise: ExerciseResult) -> RenderableType:
    if unwritten(exercise):
        return Padding(_one(exercise, ()), (0, 0, 1, 0))
    if only := only_reason(exercise):
        parts = [*_one_reason(exercise, only, 0), *_by_hand(exercise)]
        return Group(_head(exercise), Padding(Group(*parts), (0, 0, 1, 2)))
    lines = [_numbered(exercise, check, one_line=False) for check in listed_checks(exercise.checks)]
    lines += [Text("points", "dim"), *(_criterion(each) for each in exercise.criteria if not each.manual)]
    lines += _by_hand(exercise)
    for check in exercise.checks:
        if check.outcome in (Outcome.FAILED, Outcome.ERROR):
            lines += [Text(), shown_check(check)]
    return Group(_head(exercise), Padding(Group(*lines), (0, 0, 1, 2)))


# --- several exercises ---


def _table(exercises: Sequence[ExerciseResult], length: int) -> RenderableType:
    """Return a line for each exercise; in a shorter length, those that are right or not written are counted.

    In the shortest, all are counted on one line: the one that is shown below has its name there.
    """
    waiting = [exercise for exercise in exercises if unwritten(exercise)]
    begun = [exercise for exercise in exercises if not unwritten(exercise)]
    passed = [exercise for exercise in begun if exercise.outcome is Outcome.PASSED] if length else []
    others = [exercise for exercise in begun if exercise not in passed]
    if length == SHORTEST:
        counts = ((Outcome.FAILED, others, "not right"), (Outcome.PASSED, passed, "passed"),
                  (Outcome.SKIPPED, waiting, "not written yet"))  # fmt: skip
        words = [f"{MARKS[outcome][0]} {len(found)} {word}" for outcome, found, word in counts if found]
        return Text(f"{'  '.join(words)}; see `grade list`", "dim")
    most = _MOST_LINES.get(length, {}).get("exercises", len(others))
    rows: list[RenderableType] = [_rows(others[:most])] if others else []
    if len(others) > most:
        rows.append(_marked(Outcome.FAILED, Text(f"{len(others) - most} more not right: see `grade list`", "dim")))
    if passed:
        rows.append(_marked(Outcome.PASSED, Text(f"{len(passed)} passed", "dim")))
    if waiting and length:
        rows.append(_marked(Outcome.SKIPPED, Text(f"{len(waiting)} not written yet", "dim")))
    elif waiting:
        for lesson, group in groupby(waiting, key=lambda exercise: exercise.lesson):
            names = ", ".join(exercise.name for exercise in group)
            rows.append(_marked(Outcome.SKIPPED, Text.assemble((f"{lesson}, not written yet: ", "dim"), names)))
    return Group(*rows)


def _rows(exercises: Sequence[ExerciseResult]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", expand=True)
    table.add_column("", width=1)
    table.add_column("exercise", width=max(len(exercise.name) for exercise in exercises))
    table.add_column("points", justify="right", width=8)
    table.add_column("checks", justify="right", width=8)
    table.add_column("", no_wrap=True, overflow="ellipsis", ratio=1)
    for exercise in exercises:
        mark, style = MARKS[exercise.outcome]
        table.add_row(
            Text(mark, style), exercise.name, in_points(exercise),
            in_checks(exercise), Text(_in_short(exercise), "dim"),
        )  # fmt: skip
    return table


def _in_short(exercise: ExerciseResult) -> str:
    """Return what went wrong first in a few words, "" if nothing did."""
    found = failures(exercise.checks)
    if not found:
        return ""
    first = found[0].check
    return first.message.partition("\n")[0] if first.crashed or only_reason(exercise) else first.title


# --- parts ---


def _by_hand(exercise: ExerciseResult) -> Iterator[RenderableType]:
    """Yield the criteria that a person marks, and what was found in answer to them."""
    criteria = marked_by_hand(exercise)
    for criterion in criteria:
        yield _marked(Outcome.SKIPPED, Text.assemble(criterion.title, (f"  ({worth(criterion)})", "dim")))
    if criteria:
        yield from (Padding(Text(sentence), (0, 0, 0, 2)) for sentence in answers_found(exercise))


def _evidence(check: CheckResult, length: int) -> list[RenderableType]:
    if check.counterexample is None:
        return []
    table = Table.grid(padding=(0, 2))
    table.add_column(width=_LABEL_WIDTH, style="dim")
    table.add_column(overflow="fold")
    before = ""
    found = list(evidence(check.counterexample, compact=length > 0))
    calls = [label for label, _ in found if label.startswith("call ")]
    for label, text in found:
        if label in _LEAST_TELLING and (length > _CUT or (length == _CUT and check.diagnosis)):
            continue
        if length > _CUT and label in calls[1:-1]:
            continue
        table.add_row("" if label == before else label, _cut(text, label, length))
        before = label
    return [table, *([] if length == SHORTEST else [TerminalPictures(check.counterexample.pictures)])]


def _diagnoses(diagnoses: Sequence[Diagnosis], length: int) -> list[RenderableType]:
    if not diagnoses:
        return []
    lines: list[RenderableType] = [Text(diagnosis_introduction(diagnoses), "cyan")]
    for diagnosis in diagnoses:
        lines.append(Padding(Text(diagnosis.title, "bold"), (0, 0, 0, 2)))
        if length < SHORTEST:
            explanation = " ".join(diagnosis.explanation.split())
            lines.append(Padding(_cut(explanation, "explanation", length), (0, 0, 0, 2)))
    return lines


def _total(verdict: Verdict) -> list[RenderableType]:
    first, *others = total_in_words(verdict)
    given, _, rest = first.partition(";")
    return [Text.assemble((given, "bold"), f";{rest}"), *(Text(each, "yellow") for each in others)]


FORMAT = Format("terminal", verdict)
