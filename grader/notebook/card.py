"""Draws verdicts as HTML for the output of a notebook's cell; every text in it is escaped."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from grader.report.failures import failures, only_reason, unwritten
from grader.report.html import environment
from grader.results import Outcome

if TYPE_CHECKING:
    from jinja2 import Template

    from grader.results import ExerciseResult, Verdict


def card(verdict: Verdict) -> str:
    """Return which checks passed and which failed, with the smallest failing input and the known mistake behind it."""
    return _template("card.html.j2").render(verdict=verdict, said="", kind="")


def sentence(said: str) -> str:
    """Return a sentence in the same layout, if there is no verdict."""
    return _template("card.html.j2").render(verdict=None, said=said, kind="error")


def note(said: str) -> str:
    """Return a text in the same layout, such as a hint."""
    return _template("card.html.j2").render(verdict=None, said=said, kind="skipped")


def answer_card(said: str, outcome: Outcome) -> str:
    """Return what is said to an answer, in the colours of its outcome."""
    return _template("card.html.j2").render(verdict=None, said=said, kind=str(outcome))


def lesson_card(verdict: Verdict) -> str:
    """Return how the exercises of a lesson stand: what failed opens, the rest is a line that does."""
    waiting = [each for each in verdict.exercises if _is_waiting(each)]
    others = [each for each in verdict.exercises if each not in waiting]
    return _template("lesson_card.html.j2").render(
        verdict=verdict,
        waiting=waiting,
        passed=[each for each in others if each.outcome is Outcome.PASSED],
        failed=[each for each in others if each.outcome is not Outcome.PASSED],
        first_failure=_first_failure,
    )


def _is_waiting(exercise: ExerciseResult) -> bool:
    """Tell whether no cell has a solution yet: none was run that defines it, or it is still the stub."""
    only = only_reason(exercise)
    return unwritten(exercise) or (only is not None and f"`{exercise.name}` was not found in " in only.message)


def _first_failure(exercise: ExerciseResult) -> str:
    found = failures(exercise.checks)
    return found[0].check.title if found else ""


@functools.cache
def _template(name: str) -> Template:
    return environment(Path(__file__).parent).get_template(name)
