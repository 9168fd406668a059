"""Makes a script of the smallest failing input of an exercise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from grader.atomic import write_atomically
from grader.desk.progress_file import own_folder
from grader.desk.showing import found_check
from grader.errors import UsageError
from grader.faults import writing
from grader.grading import warm_grader
from grader.results import Outcome
from grader.sandbox.outside.reader import read_edited_stubs, read_handin, start_reading
from grader.sandbox.outside.workbench_file import source_of, workbench_of
from grader.submission.model import Problem

if TYPE_CHECKING:
    from grader.course.model import Course
    from grader.grading import Conditions
    from grader.results import CheckResult
    from grader.submission.model import Source

FOLDER = "debug"  # in a hidden folder: nothing in it is taken for something handed in


class Debugged(NamedTuple):
    """The script that was written, and the check that fails on its input."""

    path: Path
    check: CheckResult


def debug(course: Course, name: str, check: str | None, submission: str | None, conditions: Conditions) -> Debugged:
    """Write a script with the smallest input on which the exercise `name` fails, into `.grade/debug/` of the course.

    `check` is a check's name, or its number in the verdict; the one that helps most if None is given. `submission` is
    what is graded, the stubs in place if it is None.

    Raises:
        UsageError: nothing fails, or what fails has no input (a syntax error).
    """
    exercise = course.select([name])[0]
    if exercise.is_questions:
        raise UsageError(f"{name} are questions: there is no code to debug. `grade answer` shows them.")
    with warm_grader(course, [exercise], conditions) as grader:
        start_reading()
        work = read_edited_stubs(course) if submission is None else read_handin(Path(submission))
        source = work.source_of(exercise)
        if isinstance(source, Problem):
            raise UsageError(source.sentence)
        result, examples = grader.failing_examples(work, exercise)
    if result.outcome is Outcome.PASSED:
        raise UsageError(f"{name}: all checks pass, so there is no failing input to look at.")
    from grader.desk.debug_script import first, script

    known = [key for key, example in examples.items() if any(not call.question.call.reader for call in example.calls)]
    chosen = found_check(result, check) if check is not None else first(result.checks, known)
    if chosen is None or chosen.name not in known:
        failed = next(each for each in result.checks if each.outcome in (Outcome.FAILED, Outcome.ERROR))
        raise UsageError(f"{(chosen or failed).title} There is no input of this check that a script could repeat.")
    calls = [call.question.call for call in examples[chosen.name].calls if not call.question.call.reader]
    file = _file(source, calls[-1].function, course, submission)
    with writing(course.root, "allow it to be written."):
        folder = own_folder(course.root) / FOLDER
        folder.mkdir(exist_ok=True)
        if file is None:
            file = _extracted(folder / f"{exercise.name}_code", source, calls[-1].function)
        new = _new_for_every_call(course)
        written = script(exercise, chosen, examples[chosen.name], file=file, new_for_every_call=new)
        for each, content in written.items():
            write_atomically(folder / each, content)
    return Debugged(folder / f"{exercise.name}.py", chosen)


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
