"""Makes a script of the smallest failing input of an exercise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from grader.atomic import write_atomically
from grader.desk.grading import conditions_of, exercises_of, read_work
from grader.desk.progress_file import own_folder
from grader.desk.showing import found_check
from grader.desk.warm.messages import Debugged
from grader.errors import UsageError
from grader.faults import writing
from grader.grading import warm_grader
from grader.results import Outcome
from grader.sandbox.outside.reader import start_reading
from grader.sandbox.outside.workbench_file import source_of, workbench_of
from grader.submission.model import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.course.model import Course, Exercise
    from grader.desk.request import Request
    from grader.grading import Grader
    from grader.submission.model import Source, Submission

FOLDER = "debug"  # in a hidden folder: nothing in it is taken for something handed in


def debug_cold(course: Course, asked: Request) -> Debugged:
    """Write the script that is asked for, from this process and a fork server of its own; raise as `write_script`."""
    [exercise] = exercises_of(course, asked)
    with warm_grader(course, [exercise], conditions_of(asked)) as grader:
        start_reading()  # while this process imports its own libraries
        from grader.report.progress import progress

        work = read_work(course, asked, [exercise])
        with progress(len(exercise.checks)) as finished:
            return write_script(grader, work, exercise, asked, lambda _: finished(exercise.name))


def write_script(
    grader: Grader, work: Submission, exercise: Exercise, asked: Request, finished: Callable[[str], None]
) -> Debugged:
    """Write a script with the smallest input on which an exercise fails, into `.grade/debug/` of the course.

    `finished` is told of every check that has ended.

    Raises:
        UsageError: nothing fails, or what fails has no input (a syntax error).
    """
    if exercise.is_questions:
        raise UsageError(f"{exercise.name} are questions: there is no code to debug. `grade answer` shows them.")
    source = work.source_of(exercise)
    if isinstance(source, Problem):
        raise UsageError(source.sentence)
    result, examples = grader.failing_examples(work, exercise, lambda _, check: finished(check))
    if result.outcome is Outcome.PASSED:
        raise UsageError(f"{exercise.name}: all checks pass, so there is no failing input to look at.")
    from grader.desk.debug_script import first, script

    known = [key for key, example in examples.items() if any(not call.question.call.reader for call in example.calls)]
    chosen = found_check(result, asked.debug) if asked.debug else first(result.checks, known)
    if chosen is None or chosen.name not in known:
        failed = next(each for each in result.checks if each.outcome in (Outcome.FAILED, Outcome.ERROR))
        raise UsageError(
            f"{(chosen or failed).title} No script can repeat the input of this check: "
            f"`grade show {exercise.name}` shows all that is known of it."
        )
    calls = [call.question.call for call in examples[chosen.name].calls if not call.question.call.reader]
    course = grader.course
    file = _file(source, calls[-1].function, course, asked.submission)
    with writing(course.root, "allow it to be written."):
        folder = own_folder(course.root) / FOLDER
        folder.mkdir(exist_ok=True)
        if file is None:
            file = _extracted(folder / f"{exercise.name}_code", source, calls[-1].function)
        new = _new_for_every_call(course)
        written = script(exercise, chosen, examples[chosen.name], file=file, new_for_every_call=new)
        for each, content in written.items():
            write_atomically(folder / each, content)
    return Debugged(str(folder / f"{exercise.name}.py"), chosen.title)


def _file(source: Source, function: str, course: Course, submission: str | None) -> Path | None:
    """Return the file on disk that defines a function, None if it is in an archive or a notebook."""
    path = Path(submission).absolute() if submission is not None else course.root / "exercises"
    inside = source.modules[function]
    candidate = path if path.is_file() else path / inside
    if candidate.suffix != ".py" or not candidate.is_file():
        return None
    return candidate if candidate.read_text(encoding="utf-8", errors="replace") == source.files[inside] else None


def _extracted(folder: Path, source: Source, function: str) -> Path:
    """Write what was read out of a notebook or an archive, and return the file that defines a function."""
    for path, text in source.files.items():
        target = (folder / path).resolve()
        if target.is_relative_to(folder.resolve()):
            target.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(target, text)
    return folder / source.modules[function]


def _new_for_every_call(course: Course) -> set[str]:
    return set(workbench_of(source_of(course.root, course.workbench)).new_for_every_call)
