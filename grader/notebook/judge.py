"""The judge behind a notebook: answers one kernel over a pipe, one line of JSON a question, until the pipe is closed.

Started as `python -I -m grader.notebook.judge` in the notebook's folder. It imports what grading needs and starts the
fork server before the first question comes.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader import faults
from grader.course.finding import find_course
from grader.errors import UsageError
from grader.sandbox.outside.reader import read_code_cells
from grader.sandbox.outside.server import ForkServer, Isolation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grader.course.model import Course, Exercise
    from grader.grading import Grader

NAME = "the notebook"
_BEGINS = re.compile(r"^%%exercise[ \t]+(\w+)|^def (\w+)\(", re.MULTILINE)


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

    def answer(self, question: dict[str, Any], doing: Callable[[str], None]) -> dict[str, Any]:
        """Return what is `shown`, as MIME types and texts, and the `outcomes` of exercises; an error is a text too.

        `doing` is told how far a longer answer is.
        """
        try:
            course = find_course(Path(question["course"]))
            if question["kind"] == "hint":
                return self._hint(course, question.get("exercise", ""))
            return self._checked(course, question, doing)
        except UsageError as error:
            said = str(error)
        except Exception as error:
            faults.show(error)
            said = faults.sentence(error)
        return {"shown": {"text/plain": said, "text/html": self._card.sentence(said)}}

    def _checked(self, course: Course, question: dict[str, Any], doing: Callable[[str], None]) -> dict[str, Any]:
        cells = question["cells"]
        whole_lesson = question["kind"] == "check_all"
        exercises = _of_lesson(course, question, cells) if whole_lesson else [_one(course, question, cells)]
        # As the prompt beside the cell counts them: what a kernel has run, and in which order, no file tells.
        submission = read_code_cells(NAME, ((f"cell [{n}]", text) for n, text in enumerate(cells) if text))
        begun: list[Exercise] = []

        def finished(exercise: Exercise, _check: str) -> None:
            if exercise not in begun:
                begun.append(exercise)
                doing(f"checking {exercise.name}" + (f", {len(begun)} of {len(exercises)}" if whole_lesson else ""))

        verdict = self._grader(course, exercises[0].lesson).grade(submission, exercises, finished)
        html = self._card.lesson_card(verdict) if whole_lesson else self._card.card(verdict)
        outcomes = {result.name: str(result.outcome) for result in verdict.exercises}
        return {
            "shown": {"text/plain": self._drawn(self._draw(verdict)), "text/html": html},
            "outcomes": {name: said for name, said in outcomes.items() if name in {e.name for e in begun}},
        }

    def _hint(self, course: Course, name: str) -> dict[str, Any]:
        from grader.desk.hints import in_words, take_hint

        if not name:
            raise UsageError("Which exercise? Write its name: `%grader hint NAME`.")
        said = in_words(take_hint(_the_one(course, name))).replace("`grade hint", "`%grader hint")
        return {"shown": {"text/plain": said, "text/html": self._card.note(said)}}

    def _grader(self, course: Course, lesson: str) -> Grader:
        """Return a grader for a lesson; it is kept, because it remembers what known mistakes answer."""
        if self._course != course:
            self._course = course
            self._graders.clear()
        if lesson not in self._graders:
            self._graders[lesson] = self._new_grader(course, self._server, lessons=[lesson]).with_figures()
        return self._graders[lesson]


def _the_one(course: Course, name: str) -> Exercise:
    exercises = course.select([name])
    if len(exercises) != 1:
        raise UsageError(f"`{name}` is a lesson: name one of its exercises, such as `{exercises[0].name}`.")
    return exercises[0]


def _one(course: Course, question: dict[str, Any], cells: Sequence[str]) -> Exercise:
    """Return the exercise that is named, or else the last one that a cell begins with or defines."""
    name = question.get("exercise", "")
    if not name and question.get("named"):
        raise UsageError("Which exercise? Write its name: `%%exercise NAME`.")
    if name:
        return _the_one(course, name)
    functions = {function.name: exercise for exercise in course.exercises for function in exercise.functions}
    names = {exercise.name: exercise for exercise in course.exercises}
    for cell in reversed(cells):
        for by_magic, by_definition in reversed(_BEGINS.findall(cell)):
            if (found := names.get(by_magic) or functions.get(by_definition)) is not None:
                return found
    raise UsageError('No cell defines an exercise yet: run one, or name it, as in `grader.check("NAME")`.')


def _of_lesson(course: Course, question: dict[str, Any], cells: Sequence[str]) -> Sequence[Exercise]:
    """Return the exercises of the lesson that is named, that the notebook lies in, or that was worked on last."""
    lesson = question.get("lesson", "") or _one(course, {}, cells).lesson
    return course.select([lesson])


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

            def tell(answer: dict[str, Any], number: int = question["id"]) -> None:
                print(json.dumps({"id": number, **answer}), file=answers, flush=True)

            def doing(what: str, tell: Callable[[dict[str, Any]], None] = tell) -> None:
                tell({"doing": what})

            if said:
                tell({"shown": {"text/plain": said}})
                return  # the next question starts another process, which may have better luck
            tell(judge.answer(question, doing))


if __name__ == "__main__":
    main()
