"""The judge behind a notebook: answers one kernel over a pipe, one line of JSON a question, until the pipe is closed.

Started as `python -I -m grader.notebook.judge` in the notebook's folder. It imports what grading needs and starts the
fork server before the first question comes.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import TYPE_CHECKING, Any

from grader import faults
from grader.course.finding import find_course
from grader.course.outline import current_folder
from grader.errors import UsageError
from grader.sandbox.outside.reader import read_code_cells
from grader.sandbox.outside.server import ForkServer, Isolation

if TYPE_CHECKING:
    from grader.course.model import Course
    from grader.grading import Grader

NAME = "the notebook"


class Judge:
    """Grades what a notebook's cells define, in workers of one warm fork server."""

    def __init__(self, server: ForkServer) -> None:
        from grader import grading
        from grader.diagnosis import known_mistakes  # noqa: F401 - all that grading imports later
        from grader.notebook import card
        from grader.plugin import run  # noqa: F401
        from grader.report import console
        from grader.report.formats import terminal

        self._server = server
        self._new_grader = grading.Grader
        self._card = card
        self._drawn = console.drawn
        self._draw = terminal.verdict
        self._course: Course | None = None
        self._graders: dict[str, Grader] = {}

    def shown(self, name: str, cells: list[str]) -> dict[str, str]:
        """Return the verdict on an exercise as MIME types and texts; an error is returned as a text too."""
        try:
            return self._verdict(name, cells)
        except UsageError as error:
            said = str(error)
        except Exception as error:
            faults.show(error)
            said = faults.sentence(error)
        return {"text/plain": said, "text/html": self._card.sentence(said)}

    def _verdict(self, name: str, cells: list[str]) -> dict[str, str]:
        if not name:
            raise UsageError("Which exercise? Write its name: `%%exercise NAME`.")
        course = find_course(current_folder())
        exercises = course.select([name])
        # As the prompt beside the cell counts them: what a kernel has run, and in which order, no file tells.
        submission = read_code_cells(NAME, ((f"cell [{n}]", text) for n, text in enumerate(cells) if text))
        verdict = self._grader(course, exercises[0].lesson).grade(submission, exercises)
        return {"text/plain": self._drawn(self._draw(verdict)), "text/html": self._card.card(verdict)}

    def _grader(self, course: Course, lesson: str) -> Grader:
        """Return a grader for a lesson; it is kept, because it remembers what known mistakes answer."""
        if self._course != course:
            self._course = course
            self._graders.clear()
        if lesson not in self._graders:
            self._graders[lesson] = self._new_grader(course, self._server, lessons=[lesson])
        return self._graders[lesson]


def main() -> None:
    """Answer until standard input is closed; if the judge cannot be made, say why to one question and end."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers, contextlib.ExitStack() as opened:
        os.dup2(2, 1)  # anything printed must not be taken for an answer
        said = ""
        try:
            judge = Judge(opened.enter_context(ForkServer(Isolation.AUTO)))
        except Exception as error:
            faults.show(error)
            said = faults.sentence(error)
        for line in sys.stdin.buffer:
            question: dict[str, Any] = json.loads(line)
            shown = {"text/plain": said} if said else judge.shown(question["exercise"], question["cells"])
            print(json.dumps({"id": question["id"], "shown": shown}), file=answers, flush=True)
            if said:
                return  # the next question starts another process, which may have better luck


if __name__ == "__main__":
    main()
