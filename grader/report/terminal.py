"""Draws verdicts and listings on a terminal, with Rich."""

from __future__ import annotations

import itertools
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.padding import Padding
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from grader.report import stories
from grader.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import TextIO

    from rich.console import RenderableType

    from grader.course import Course
    from grader.results import CheckResult, Diagnosis, ExerciseResult, Verdict
    from grader.rubric import ExerciseRubric

MARKS = {
    Outcome.PASSED: ("✓", "green"),
    Outcome.FAILED: ("✗", "red"),
    Outcome.SKIPPED: ("·", "yellow"),
    Outcome.ERROR: ("!", "magenta"),
}
_LABEL_WIDTH = 10
_MOST_LINES = 20  # of progress, where there is no terminal
_WIDTH_OF_A_FILE = 100


def console(file: TextIO, like: TextIO | None = None) -> Console:
    """Return a console that draws into `file` as is right for `like`, which is the same stream if not given.

    Colours are for terminals only, and never with NO_COLOR; what is no terminal has a fixed width.
    """
    stream = like or file
    terminal = stream.isatty()
    return Console(
        file=file,
        force_terminal=True if terminal else None,
        width=Console(file=stream).width if terminal else _WIDTH_OF_A_FILE,
        highlight=False,
        emoji=False,
    )


def verdict(verdict: Verdict) -> RenderableType:
    """Return the whole verdict: every exercise with its checks, then the total."""
    exercises = [_exercise(exercise) for exercise in verdict.exercises]
    return Group(*exercises, _total(verdict))


def _exercise(exercise: ExerciseResult) -> RenderableType:
    mark, style = MARKS[exercise.outcome]
    head = Text.assemble(
        (f"{mark} ", style), (exercise.name, "bold"), (f"  {exercise.lesson}", "dim"),
        f"  {stories.points(exercise.points)} of {stories.points(exercise.max_points)} points",
    )  # fmt: skip
    if only := stories.only_reason(exercise):
        said = [Text(only.message), *_evidence(only)]
        said.append(Text(f"None of its {len(exercise.checks)} checks could pass.", "dim"))
        return Group(head, Padding(Group(*said), (0, 0, 1, 4)))
    lines = [*map(_check_line, stories.listed(exercise.checks)), *_stories(exercise.checks)]
    return Group(head, Padding(Group(*lines), (0, 0, 1, 2)))


def _check_line(check: CheckResult) -> RenderableType:
    mark, style = MARKS[check.outcome]
    line = Table.grid(padding=(0, 1))
    line.add_row(
        Text(mark, style), Text.assemble(check.title, ("  (hidden)" if check.visibility == "hidden" else "", "dim"))
    )
    return line


def _stories(checks: Sequence[CheckResult]) -> Iterator[RenderableType]:
    told, untold = stories.stories(checks)
    for best, others, _ in told:
        yield Text()
        yield Text(best.title, "bold red" if best.outcome is Outcome.FAILED else "bold magenta")
        body = [Text(best.message), *_evidence(best), *_diagnoses(best.diagnosis)]
        if others:
            body += [Text(), Text(others, "cyan")]
        yield Padding(Group(*body), (0, 0, 0, 2))
    if untold:
        yield Text()
        yield Text(untold, "dim")


def _evidence(check: CheckResult) -> list[RenderableType]:
    if check.counterexample is None:
        return []
    table = Table.grid(padding=(0, 2))
    table.add_column(width=_LABEL_WIDTH, style="dim")
    table.add_column(overflow="fold")
    for label, text in stories.evidence(check.counterexample):
        table.add_row(label, Text(text))
    return [table]


def _diagnoses(diagnoses: Sequence[Diagnosis]) -> list[RenderableType]:
    if not diagnoses:
        return []
    lines: list[RenderableType] = [Text(), Text(stories.lead(diagnoses), "cyan")]
    for diagnosis in diagnoses:
        lines.append(Padding(Text(diagnosis.title, "bold"), (0, 0, 0, 2)))
        lines.append(Padding(Text(" ".join(diagnosis.explanation.split())), (0, 0, 0, 2)))
    return lines


def _total(verdict: Verdict) -> RenderableType:
    counts = _counts(check.outcome for exercise in verdict.exercises for check in exercise.checks)
    parts = [
        f"{stories.points(verdict.points)} of {stories.points(verdict.max_points)} points",
        counts,
        f"isolation {verdict.isolation}",
    ]
    if verdict.model:
        parts.append(f"model {verdict.model}")
    if verdict.seed is not None:
        parts.append(f"seed {verdict.seed}")
    lines: list[RenderableType] = [Text.assemble((parts[0], "bold"), "; ", "; ".join(parts[1:]))]
    pending = [c for exercise in verdict.exercises for c in exercise.criteria if c.outcome is Outcome.SKIPPED]
    if pending:
        worth = stories.points(sum(criterion.max_points for criterion in pending))
        why = "hidden checks, checks on another model, or a person's judgement"
        lines.append(Text(f"{worth} more points are not decided here: {why}.", "yellow"))
    if verdict.isolation == "off":
        lines.append(Text("The submission ran without confinement: trust this verdict as far as its author.", "yellow"))
    return Group(*lines)


def _counts(outcomes: Iterable[Outcome]) -> str:
    found = list(outcomes)
    words = {
        Outcome.PASSED: "passed",
        Outcome.FAILED: "failed",
        Outcome.SKIPPED: "pending",
        Outcome.ERROR: "not decided because the grader broke",
    }
    counted = ", ".join(f"{found.count(outcome)} {word}" for outcome, word in words.items() if outcome in found)
    return f"checks: {counted}"


def listing(course: Course, rubrics: Mapping[tuple[str, str], ExerciseRubric]) -> RenderableType:
    """Return the course's lessons and exercises with points, checks and whether the stub has been worked on."""
    table = Table(box=None, pad_edge=False, padding=(0, 2), header_style="dim")
    for name, side in (("exercise", "left"), ("points", "right"), ("checks", "right"), ("progress", "left")):
        table.add_column(name, justify="right" if side == "right" else "left", overflow="fold")
    for lesson in course.lessons:
        table.add_row(Text(lesson.name, "bold"))
        for exercise in lesson.exercises:
            worth = stories.points(rubrics[lesson.name, exercise.name].points)
            state = Text("not written yet", "dim") if exercise.untouched else Text("begun", "green")
            table.add_row(f"  {exercise.name}", worth, str(len(exercise.checks)), state)
    return Group(Text(course.name, "bold"), table)


def batch(
    graded: Sequence[str],
    unchanged: Sequence[str],
    problems: Mapping[str, str],
    broken: Mapping[str, str],
    ignored: Sequence[str],
    gradebook: Path,
) -> RenderableType:
    """Return what a run over a class did, every student who got no marks with the reason, and what comes next."""
    counted = [f"{len(graded)} graded"]
    counted += [f"{len(unchanged)} unchanged since they were graded"] if unchanged else []
    counted += [f"{len(problems)} could not be graded"] if problems else []
    counted += [f"the grader broke on {len(broken)}"] if broken else []
    lines: list[RenderableType] = [Text(f"Hand-ins: {', '.join(counted)}.", "bold")]
    for about, style in ((problems, "red"), (broken, "magenta")):
        if about:
            table = Table.grid(padding=(0, 2))
            for student, sentence in about.items():
                table.add_row(Text(student, style), Text(sentence))
            lines.append(Padding(table, (0, 0, 0, 2)))
    if ignored:
        lines.append(Text(f"Not a hand-in, and passed over: {', '.join(ignored)}.", "dim"))
    if broken:
        lines.append(Text("An error in the grader is never scored as zero: run the same command again.", "magenta"))
    lines.append(Text(f"Next: grade export --gradebook {gradebook} --format html -o class.html", "dim"))
    return Group(*lines)


@contextmanager
def progress(total: int, *, time_left: bool = False) -> Iterator[Callable[[str], None]]:
    """Show a bar on standard error while the block runs.

    The yielded function moves it on by one and shows what that was. Where standard error is not a terminal, what takes
    long (`time_left`) writes a line now and then instead, and anything else nothing.
    """
    stderr = console(sys.stderr)
    if time_left and not stderr.is_terminal:
        yield _lines_of_progress(total)
        return
    columns: list[ProgressColumn] = [
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
    ]  # fmt: skip
    if time_left:
        columns += [TextColumn("left:"), TimeRemainingColumn()]
    with Progress(*columns, console=stderr, transient=True, disable=not stderr.is_terminal) as bar:
        task = bar.add_task("starting", total=total)
        yield lambda name: bar.update(task, advance=1, description=name)


def _lines_of_progress(total: int) -> Callable[[str], None]:
    """Return a function that counts what is done and writes that down `_MOST_LINES` times at most."""
    counted = itertools.count(1)

    def finished(name: str) -> None:
        done = next(counted)
        if done * _MOST_LINES // total > (done - 1) * _MOST_LINES // total:
            print(f"{done} of {total} done: {name}", file=sys.stderr, flush=True)

    return finished


@contextmanager
def activity(doing: str) -> Iterator[Callable[[str], None]]:
    """Show what is being done on standard error while the block runs, if that is a terminal.

    The yielded function says what it is done to from now on.
    """
    stderr = console(sys.stderr)
    columns = [SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()]
    with Progress(*columns, console=stderr, transient=True, disable=not stderr.is_terminal) as line:
        task = line.add_task(doing)
        yield lambda name: line.update(task, description=f"{doing} {name}")
