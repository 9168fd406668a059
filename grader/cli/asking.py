"""Shows a question on a terminal, and takes an answer there."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from grader.cli.quick import PLAIN
from grader.cli.status import OF_OUTCOME
from grader.desk.answering import answer, question_called
from grader.report.output import say, say_wrapped
from grader.results import Outcome

if TYPE_CHECKING:
    from grader.course.outline import Outline
    from grader.desk.answering import Asked

_SIGNS = {Outcome.PASSED: "✓ ", Outcome.FAILED: "✗ ", Outcome.ERROR: "", Outcome.SKIPPED: ""}


def ask(outline: Outline, name: str, text: str) -> int:
    """Show the question of that name, or answer it with a text, and return the exit status.

    Without a text, whoever sits at a terminal is asked for one.
    """
    asked = question_called(outline, name)
    if not text:
        _show(asked)
        text = typed("Your answer: ")
        if not text:
            return OF_OUTCOME[Outcome.SKIPPED]
    said = answer(asked, text)
    sign = "" if os.environ.get(PLAIN) else _SIGNS[said.outcome]
    say_wrapped(f"{sign}{said.text}")
    say(f"Next: grade {said.next}")
    return OF_OUTCOME[said.outcome]


def _show(asked: Asked) -> None:
    if sys.stdout is not None and sys.stdout.isatty() and not os.environ.get(PLAIN):
        from rich.markdown import Markdown

        say(Markdown(asked.markdown))
        say("")
    else:
        say(f"{asked.markdown}\n")
    if asked.given:
        say(f"Your answer so far: {asked.given}")
    say(f"grade answer {asked.question.name} {asked.placeholder}")


def typed(question: str) -> str:
    """Return what somebody types in answer to a question, "" where nobody sits at a terminal."""
    if sys.stdin is None or not sys.stdin.isatty():
        return ""
    try:
        return input(question).strip()
    except EOFError:
        return ""
