"""What `grade NAME...` and `grade list` do, without what reads arguments, which takes longer to import than they do."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from grader.cli.status import DONE, OF_OUTCOME
from grader.course.outline import current_folder, find_outline
from grader.report.registry import Formats

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from grader.course.outline import Outline
    from grader.course.sources import ExerciseFiles
    from grader.desk.verdicts import Answered
    from grader.diffusion.choice import Choice
    from grader.report.registry import Content
    from grader.results import Verdict
    from grader.submission.model import Submission

VERDICT: Formats[Verdict] = Formats("grader.report.formats", "terminal")
PLAIN = "plain"
IN_WORDS = (VERDICT.default, PLAIN)  # for people; after these, what is next is said
_ALL_PASSED = "All exercises have passed. `grade all` grades them again, `grade list` shows them."
_NOTHING_FAILED = "None of these exercises failed when it was last graded."


class Wishes(NamedTuple):
    """What somebody may wish for when grading; the options of `grade` say what each is.

    `model` is a real one, None for the tiny one; `prepare` may run the work first, and refuse it.
    """

    submission: str | None = None
    everything: bool = False
    to_first_failure: bool = False
    last_failed: bool = False
    output_format: str = VERDICT.default
    output_file: Path | None = None
    model: Choice | None = None
    prepare: Callable[[Submission], Submission] | None = None
    isolation: str = "auto"
    seed: int | None = None
    call_seconds: float | None = None
    daemon: bool = True
    open_page: bool = False


_NOTHING_ELSE = Wishes()


def outline_here() -> Outline:
    """Return the outline of the course that the command runs in."""
    return find_outline(current_folder())


def grade_at_desk(names: Sequence[str], wishes: Wishes = _NOTHING_ELSE) -> int:
    """Grade exercises or lessons, show the verdict, and return the exit status."""
    from grader.desk.request import Request
    from grader.desk.verdicts import answered, what_changed
    from grader.report.output import Output, say, say_wrapped

    output, outline = Output(wishes.output_file), outline_here()
    keys: tuple[str, ...] = ()
    if wishes.model is None or names or wishes.last_failed:
        exercises = _chosen(outline, names, wishes)
        if not exercises:
            say(_NOTHING_FAILED if wishes.last_failed else _ALL_PASSED)
            return DONE
        keys = tuple(exercise.key for exercise in exercises)
    asked = Request(
        folder=os.getcwd(),  # noqa: PTH109 - it is sent as it is
        exercises=keys,
        submission=wishes.submission,
        isolation=wishes.isolation,
        seed=wishes.seed,
        call_seconds=wishes.call_seconds,
        to_first_failure=wishes.to_first_failure,
        figures=wishes.output_format == "html",
    )

    def judge(asked: Request) -> Verdict:
        if wishes.model is None and wishes.prepare is None:
            from grader.desk.judges import judged

            return judged(
                asked, outline.root, daemon=wishes.daemon, silent=wishes.output_format == PLAIN,
                meanwhile=lambda: _import_what_draws(wishes.output_format),
            )  # fmt: skip
        from grader.course.finding import find_course
        from grader.desk.grading import grade_cold
        from grader.diffusion.choice import TINY

        return grade_cold(
            find_course(outline.root), asked, model=wishes.model or TINY, prepare=wishes.prepare,
            silent=wishes.output_format == PLAIN,
        )  # fmt: skip

    found = answered(outline, asked, judge)
    if wishes.everything:
        output.write(everything(wishes.output_format)(found.verdict))
    else:
        output.write(VERDICT.written(wishes.output_format, found.verdict))
    if wishes.open_page and wishes.output_file is not None:
        from grader.desk.page import show_page

        say(show_page(wishes.output_file))
    if wishes.output_format in IN_WORDS and wishes.output_file is None:
        left_out = len(keys) - len(found.verdict.exercises) if wishes.to_first_failure else 0
        write = say if wishes.output_format == PLAIN else say_wrapped
        for sentence in what_changed(found, left_out):
            write(sentence)
        if found.change is not None:
            for sentence in _what_is_next(outline, found):
                write(sentence)
    return OF_OUTCOME[found.verdict.outcome]


def _what_is_next(outline: Outline, found: Answered) -> Iterator[str]:
    """Yield what to do now: questions come before their exercise, as long as that is not written."""
    from grader.desk.question_progress import first_to_answer
    from grader.report.failures import unwritten

    assert found.change is not None
    exercises = found.verdict.exercises
    here = [each.name for each in exercises if len(exercises) == 1 and unwritten(each)]
    ahead = [each for each in outline.exercises if each.name in (found.change.next, *here)]
    yield from first_to_answer(outline, ahead)
    if found.change.next:
        yield f"Next: grade {found.change.next}"


def _chosen(outline: Outline, names: Sequence[str], wishes: Wishes) -> Sequence[ExerciseFiles]:
    """Return the exercises that are meant: without a name, and for the work in place, the one that somebody is at."""
    from grader.desk import choosing

    if not (names or wishes.last_failed or wishes.to_first_failure or wishes.submission is not None):
        here = choosing.where_one_is(outline)
        return [] if here is None else [here]
    exercises = choosing.named(outline, names)
    return choosing.that_failed_last(outline, exercises) if wishes.last_failed else exercises


def _import_what_draws(output_format: str) -> None:
    VERDICT.get(output_format)
    if output_format == VERDICT.default:
        import grader.report.console  # noqa: F401 - it imports Rich


def everything(output_format: str) -> Callable[[Verdict], Content]:
    """Return what writes a whole verdict, with every failure in full, for one of the formats for people."""
    from grader.report.formats import plain, terminal

    return plain.everything if output_format == PLAIN else terminal.everything


def show_list(*, plain: bool = False) -> int:
    """Show how every exercise stands, in sentences if `plain`."""
    from grader.course.outline import course_name
    from grader.desk.kept_points import kept_points
    from grader.desk.listing import listing, plain_listing
    from grader.desk.standing import standings
    from grader.report.output import say

    outline = outline_here()
    draw = plain_listing if plain else listing
    say(draw(course_name(outline.root), standings(outline), kept_points(outline)))
    return DONE
