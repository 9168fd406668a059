"""Which exercises a check in a notebook means, and how the answer is shown below the cell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from grader.desk import choosing
from grader.errors import UsageError
from grader.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from grader.course.sources import ExerciseFiles
    from grader.locating.located import Located
    from grader.notebook.places import Place
    from grader.results import Verdict

    Shown = dict[str, str]  # texts by MIME type

_BEGINS = re.compile(r"^%%exercise[ \t]+(\w+)|^def (\w+)\(", re.MULTILINE)


def exercise_meant(root: Path, name: str, cells: Sequence[str]) -> ExerciseFiles:
    """Return the exercise that is named, or else the last one that a cell begins with or defines.

    Raises:
        UsageError: the name is unknown, or there is none and no cell defines an exercise.
    """
    from grader.course.finding import find_course
    from grader.course.outline import find_outline

    if name:
        return choosing.one(find_outline(root), name)
    exercises = find_course(root).exercises
    functions = {function.name: exercise for exercise in exercises for function in exercise.functions}
    names = {exercise.name: exercise for exercise in exercises}
    for cell in reversed(cells):
        for by_magic, by_definition in reversed(_BEGINS.findall(cell)):
            if (found := names.get(by_magic) or functions.get(by_definition)) is not None:
                return found
    raise UsageError('No cell defines an exercise yet: run one, or name it, as in `grader.check("NAME")`.')


def exercises_meant(place: Place, lesson: str, cells: Sequence[str]) -> tuple[ExerciseFiles, ...]:
    """Return the exercises of the lesson that is named, that the notebook lies in, or that was worked on last.

    Raises:
        UsageError: there is no such lesson, or no cell tells of one.
    """
    from grader.course.outline import find_outline

    found = lesson or place.lesson or exercise_meant(place.root, "", cells).lesson
    return choosing.named(find_outline(place.root), [found])


def hint(root: Path, name: str) -> Shown:
    """Take a hint, and return it as it is shown; raise `UsageError` without the name of an exercise."""
    from grader.desk.hints import in_words, take_hint
    from grader.notebook.card import note

    if not name:
        raise UsageError("Which exercise? Write its name: `%grader hint NAME`.")
    found = take_hint(exercise_meant(root, name, ()))
    said = in_words(found, f"For the next one, run `%grader hint {found.exercise}` again.")
    return {"text/plain": said, "text/html": note(said)}


def answered(root: Path, line: str) -> Shown:
    """Take the answer on a line `NAME VALUE`, and return what is said to it; without a value, return the question.

    Raises:
        UsageError: there is no such question, or the value is no answer to it.
    """
    from grader.course.outline import find_outline
    from grader.course.questions.typed import is_blank
    from grader.desk.answering import answer, question_called
    from grader.notebook.card import answer_card
    from grader.submission.question_answers import value_in

    name, _, rest = line.strip().partition(" ")
    if not name:
        raise UsageError("Which question? Write its name and your answer: `%answer NAME VALUE`.")
    text = value_in(rest)
    asked = question_called(find_outline(root), name)
    if is_blank(text):
        said = f"Write your answer in place of the dots: %answer {asked.question.name} {asked.placeholder}"
        return {"text/plain": said, "text/html": answer_card(said, Outcome.SKIPPED)}
    found = answer(asked, text)
    return {"text/plain": found.text, "text/html": answer_card(found.text, found.outcome)}


def verdict_shown(verdict: Verdict, offer: str, *, whole_lesson: bool = False) -> Shown:
    """Return a verdict as text and as a card, and below it what is offered, if anything is."""
    from grader.notebook.card import card, lesson_card, note
    from grader.report.console import drawn
    from grader.report.formats import terminal

    html = lesson_card(verdict) if whole_lesson else card(verdict)
    plain = drawn(terminal.verdict(verdict))
    return {"text/plain": f"{plain}\n{offer}", "text/html": html + note(offer)} if offer else {
        "text/plain": plain, "text/html": html
    }  # fmt: skip


def place_shown(found: Located) -> Shown:
    """Return where a mistake is as text and as a card."""
    from grader.locating.located import in_words
    from grader.notebook.card import note

    said = in_words(found)
    return {"text/plain": said, "text/html": note(said)}


def sentence_shown(said: str) -> Shown:
    """Return a sentence that stands where a verdict would."""
    from grader.notebook.card import sentence

    return {"text/plain": said, "text/html": sentence(said)}


def outcomes(verdict: Verdict, begun: Collection[str]) -> dict[str, str]:
    """Return how exercises ended, by name, of those of which a check was run: the others are not in the notebook."""
    return {result.name: str(result.outcome) for result in verdict.exercises if result.name in begun}
