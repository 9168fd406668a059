"""Draws the list of a course's exercises in its order, or says it: how each stands, its points, and what is next."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from rich.text import Text

from grader.desk.standing import State, following, in_code
from grader.report.failures import points
from grader.report.totals import more_points
from grader.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.console import RenderableType

    from grader.course.points import Points
    from grader.desk.standing import Standing

_MARKS = {
    State.NOT_WRITTEN: ("·", "dim"),
    State.BEGUN: ("~", "yellow"),
    State.EDITED: ("~", "yellow"),
    State.OUTDATED: ("~", "yellow"),
    State.FAILED: ("✗", "red"),
    State.PASSED: ("✓", "green"),
}
_WORDS = {
    State.NOT_WRITTEN: "not written yet",
    State.BEGUN: "begun",
    State.EDITED: "edited since",
    State.OUTDATED: "checks have changed since",
    State.PASSED: "passed",
}
_BAR = 24  # characters


def listing(name: str, found: Sequence[Standing], worth: Mapping[str, Points]) -> RenderableType:
    """Return the course's name, a bar, each lesson with its exercises, and the command for the next one."""
    return Text("\n").join(_lines(name, found, worth))


def plain_listing(name: str, found: Sequence[Standing], worth: Mapping[str, Points]) -> str:
    """Return the same for a screen reader: one fact a line, in words."""
    return "\n".join(_sentences(name, found, worth))


def _sentences(name: str, found: Sequence[Standing], worth: Mapping[str, Points]) -> Iterator[str]:
    yield f"Course: {name}."
    sums = _sums(found, worth)
    yield f"{sums.passed} of {sums.total} exercises passed."
    yield f"{points(sums.earned)} of {points(sums.here)} points."
    if sums.later:
        yield f"{more_points(sums.later)}."
    for lesson, group in groupby(found, key=lambda each: each.exercise.lesson):
        exercises = list(group)
        solved = in_code(exercises)
        passed = sum(each.state is State.PASSED for each in solved)
        yield f"Lesson {lesson}: {passed} of {len(solved)} exercises passed."
        for each in exercises:
            yield f"{each.exercise.name}: {in_words(each)}, {_points(each, worth[each.exercise.key])} points."
            if waiting := _waiting(each, exercises):
                yield f"Not answered before {each.exercise.name}: {', '.join(waiting)}."
    following_one = following(found, None)
    if following_one is not None:
        yield f"Next: grade {following_one.name}"


def _lines(name: str, found: Sequence[Standing], worth: Mapping[str, Points]) -> Iterator[Text]:
    yield Text(name, "bold")
    yield _bar(found, worth)
    names = max((len(each.exercise.name) for each in found), default=0)
    sums = {each.exercise.key: _points(each, worth[each.exercise.key]) for each in found}
    width = max(map(len, sums.values()), default=0)
    # Lines of text, because a table of Rich takes longer than all the rest of a listing.
    for lesson, group in groupby(found, key=lambda each: each.exercise.lesson):
        yield Text(lesson, "bold")
        exercises = list(group)
        for each in exercises:
            mark, style = _mark(each)
            waiting = _waiting(each, exercises)
            yield Text.assemble(
                "  ", (mark, style), f" {each.exercise.name:{names}}  {sums[each.exercise.key]:>{width}}  ",
                (in_words(each), style), (f"  ? {', '.join(waiting)}" if waiting else "", "cyan"),
            )  # fmt: skip
    following_one = following(found, None)
    if following_one is not None:
        yield Text.assemble("Next: ", (f"grade {following_one.name}", "bold"))


def in_words(standing: Standing) -> str:
    """Return how an exercise stands."""
    if (questions := standing.questions) is not None:
        return questions.unread or f"{questions.total - len(questions.open)} of {questions.total} answered"
    remembered = standing.remembered
    if remembered is not None and standing.state is State.FAILED:
        if remembered.outcome is Outcome.ERROR:
            return "not decided: the grader broke"
        return f"{remembered.passed} of {remembered.passed + len(remembered.failed)} checks"
    if remembered is not None and standing.state is State.EDITED and remembered.outcome is Outcome.PASSED:
        return "edited since it passed"
    return _WORDS[standing.state]


def _points(standing: Standing, worth: Points) -> str:
    earned = standing.remembered.points if standing.remembered and standing.state in _COUNTED else 0
    return f"{points(earned)} of {points(worth.here)}"


_COUNTED = (State.PASSED, State.FAILED)


def _mark(standing: Standing) -> tuple[str, str]:
    questions = standing.questions
    if questions is None:
        return _MARKS[standing.state]
    return ("~", "yellow") if questions.unread else ("?", "cyan") if questions.open else ("✓", "green")


def _waiting(standing: Standing, of_lesson: Sequence[Standing]) -> list[str]:
    """Return the questions before an exercise that are not answered."""
    return [name for each in of_lesson if each.questions for name in each.questions.before(standing.exercise.name)]


class _Sums(NamedTuple):
    total: int
    passed: int
    earned: float
    here: float
    later: float


def _sums(found: Sequence[Standing], worth: Mapping[str, Points]) -> _Sums:
    solved = in_code(found)
    return _Sums(
        total=len(solved),
        passed=sum(each.state is State.PASSED for each in solved),
        earned=sum(each.remembered.points for each in found if each.remembered and each.state in _COUNTED),
        here=sum(worth[each.exercise.key].here for each in found),
        later=sum(worth[each.exercise.key].later for each in found),
    )


def _bar(found: Sequence[Standing], worth: Mapping[str, Points]) -> Text:
    total, passed, earned, here, later = _sums(found, worth)
    full = _BAR * passed // max(total, 1)
    text = Text.assemble(
        ("█" * full, "green"), ("░" * (_BAR - full), "dim"),
        f" {passed} of {total} exercises passed, {points(earned)} of {points(here)} points",
    )  # fmt: skip
    if later:
        text.append(f"\n{more_points(later)}", "dim")
    return text
