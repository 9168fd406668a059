"""Writes a verdict as Markdown, as for the summary of a workflow run or a comment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from grader.report.by_hand import answers_found, marked_by_hand, worth
from grader.report.failures import diagnosis_introduction, evidence, failures_to_show, how_to_see_it_again
from grader.report.registry import Format
from grader.report.totals import decided_later, in_points, total_in_points
from grader.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.report.failures import Failure
    from grader.results import ExerciseResult, Verdict

MARKS = {Outcome.PASSED: "✅", Outcome.FAILED: "❌", Outcome.SKIPPED: "⏳", Outcome.ERROR: "⚠️"}
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#+!|~&@])")


def markdown(verdict: Verdict) -> str:
    """Return the points as a table, then every exercise that did not pass with its smallest failing inputs."""
    return "\n".join(_verdict(verdict))


def plain(text: str) -> str:
    """Return text that is to be read as it is: no markup, no link, no mention, on one line."""
    return _escaped(" ".join(text.split()))


def prose(text: str) -> str:
    """Return a text on one line, in which `code` between single backticks stays code.

    Where backticks are left over or stand in runs, code would begin and end elsewhere than it seems: the text may hold
    a student's own words, and is not read as markup at all then.
    """
    parts = " ".join(text.split()).split("`")
    if len(parts) % 2 == 0 or "``" in text:
        return plain(text)
    return "".join(f"`{part}`" if index % 2 else _escaped(part) for index, part in enumerate(parts))


def _escaped(line: str) -> str:
    return _SPECIAL.sub(r"\\\1", line)


def fenced(text: str) -> str:
    """Return a block of code that its own content cannot end."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _verdict(verdict: Verdict) -> Iterator[str]:
    yield f"**{total_in_points(verdict)} points**"
    yield ""
    if later := decided_later(verdict):
        yield f"{later}\n"
    yield "| | exercise | points | checks passed |"
    yield "| --- | --- | --- | --- |"
    for exercise in verdict.exercises:
        passed = sum(check.outcome is Outcome.PASSED for check in exercise.checks)
        yield (
            f"| {MARKS[exercise.outcome]} | {plain(exercise.name)} | {in_points(exercise)} | {passed} of "
            f"{sum(check.outcome is not Outcome.SKIPPED for check in exercise.checks)} |"
        )
    for exercise in verdict.exercises:
        yield from _exercise(exercise)
    yield ""
    yield f"<sub>isolation {verdict.isolation}, grader {plain(verdict.grader)}</sub>"


def exercise_markdown(exercise: ExerciseResult) -> str:
    """Return what there is to say about an exercise beside its points, "" if nothing is."""
    return "\n".join(_exercise(exercise))


def _exercise(exercise: ExerciseResult) -> Iterator[str]:
    shown, rest = failures_to_show(exercise.checks)
    by_hand = marked_by_hand(exercise)
    if not shown and not by_hand:
        return
    yield f"\n### {MARKS[exercise.outcome]} {plain(exercise.name)}"
    for failure in shown:
        yield from _failure(failure)
    if rest:
        yield f"\n{rest}"
    if again := how_to_see_it_again(exercise):
        yield f"\n{prose(again)}"
    if by_hand:
        yield ""
        yield from (f"* {MARKS[Outcome.SKIPPED]} {plain(each.title)} ({worth(each)})" for each in by_hand)
        yield "\n" + " ".join(map(prose, answers_found(exercise)))


def _failure(failure: Failure) -> Iterator[str]:
    best = failure.check
    yield f"\n**{prose(best.title)}**\n"
    sentence, _, lines = best.message.partition("\n")
    if sentence != best.title:
        yield prose(sentence)
    if lines:
        yield "\n" + fenced(lines)
    if rows := list(evidence(best.counterexample)):
        yield "\n" + fenced("\n".join(f"{label}: {text}" for label, text in rows))
    if best.diagnosis:
        yield f"\n{diagnosis_introduction(best.diagnosis)}\n"
        for diagnosis in best.diagnosis:
            yield f"> **{prose(diagnosis.title)}** {prose(diagnosis.explanation)}\n"
    if failure.others:
        yield f"\n{failure.others}"


FORMAT = Format("markdown", markdown)
