"""Grades one submission where Gradescope has put it, and writes the results where Gradescope reads them.

The container's root runs the judge; whatever comes of the submission runs as a user of its own, who can read neither
the course nor the results.
"""

from __future__ import annotations

import json
import os
import pwd
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from grader.atomic import write_atomically
from grader.classroom.autograders.metadata import read_metadata
from grader.classroom.autograders.settings import NAME, read_settings
from grader.classroom.autograders.single import Submitted, marks_of_one
from grader.classroom.formats.gradescope import results_of
from grader.classroom.policy_file import load_policy
from grader.course.finding import find_course
from grader.course.marked import undecided
from grader.course.rubric_reading import load_rubrics
from grader.course.seeds import Seeds
from grader.errors import GraderError, UsageError
from grader.grading import Conditions, warm_grader
from grader.results import Outcome
from grader.sandbox.outside.reader import read_handin
from grader.sandbox.outside.server import Isolation, Machine
from grader.sandbox.outside.user import User

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from grader.classroom.autograders.metadata import Metadata
    from grader.classroom.autograders.settings import Settings
    from grader.classroom.policy import Policy
    from grader.course.model import Course, Exercise
    from grader.results import ExerciseResult

ISOLATIONS = {
    "strict": "Landlock, seccomp, resource limits",
    "user": "its own user, seccomp where the kernel has it, resource limits; no Landlock",
}


class Folders(NamedTuple):
    """Where Gradescope has what below its folder."""

    root: Path

    @property
    def source(self) -> Path:
        """What the autograder's archive held."""
        return self.root / "source"

    @property
    def results(self) -> Path:
        """The file of results."""
        return self.root / "results" / "results.json"


def grade_submission(root: Path) -> str:
    """Grade what lies in a folder such as /autograder, and return a sentence for the instructor.

    The results are written after every exercise, so that something is there if the container is ended.

    Raises:
        UsageError: the settings or the metadata cannot be read, or the isolation that they ask for cannot be had.
        GraderError: the grader broke. There are no results then: it is never scored as zero.
    """
    folders = Folders(root)
    settings, metadata = read_settings(folders.source / NAME), read_metadata(root / "submission_metadata.json")
    course = find_course(folders.source / "course")
    folders.results.unlink(missing_ok=True)
    if (kept := _over_the_limit(settings, metadata)) is not None:
        write_atomically(folders.results, json.dumps(kept, indent=2))
        return "This submission was not graded: all attempts are used up."
    exercises, said = course.select(settings.exercises), ""
    try:
        for results, told in _graded(course, exercises, root / "submission", settings, metadata):
            write_atomically(folders.results, json.dumps(results, indent=2))
            said = told
    except GraderError:
        folders.results.unlink(missing_ok=True)
        raise
    return said


def _graded(
    course: Course, exercises: Sequence[Exercise], submission: Path, settings: Settings, metadata: Metadata
) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the results so far after every exercise, with what there is to say to the instructor."""
    started = time.monotonic()
    try:
        handed_in = read_handin(submission)
        problem = handed_in.problem
        unusable = problem.sentence if problem is not None and not problem.only_text else ""
    except UsageError as error:
        unusable = str(error)
    if unusable:
        yield {"score": 0.0, "output": unusable, "output_format": "text", "visibility": "visible"}, unusable
        return
    conditions = Conditions(Isolation(settings.isolation), Seeds(secret=settings.secret))
    user, workers = _user(settings), Machine(memory_bytes=settings.memory_mb * 2**20)
    found: dict[Exercise, ExerciseResult] = {}
    policy = load_policy(course)  # what is wrong with it is said before anything is graded
    with warm_grader(course, exercises, conditions, workers=workers, user=user) as grader:
        if grader.isolation() == "off":
            raise UsageError(
                "Nothing would keep the submission from the answers here: the kernel has no Landlock, and only root "
                "can give it a user of its own: have it run as root, as Gradescope does."
            )
        for exercise in exercises:
            if found and time.monotonic() - started > settings.seconds:
                break
            verdict = grader.grade(handed_in, [exercise])
            if verdict.outcome is Outcome.ERROR:
                broken = [check.message for check in verdict.exercises[0].checks if check.outcome is Outcome.ERROR]
                raise GraderError(f"The grader broke on {exercise.key}: {broken[0]}")
            found[exercise] = verdict.exercises[0]
            yield (
                _results(course, policy, exercises, found, settings, metadata, verdict.isolation),
                _said(exercises, found, settings, verdict.isolation, user),
            )


def _user(settings: Settings) -> User | None:
    """Return the user that workers become, None where only root could have them do so."""
    if os.geteuid() != 0:
        return None
    try:
        known = pwd.getpwnam(settings.user)
    except KeyError as error:
        raise UsageError(f"There is no user {settings.user}: setup.sh makes one, so run it first.") from error
    return User(known.pw_uid, known.pw_gid)


def _said(
    exercises: Sequence[Exercise],
    found: Mapping[Exercise, ExerciseResult],
    settings: Settings,
    isolation: str,
    user: User | None,
) -> str:
    lines = [
        f"Isolation: {isolation} ({ISOLATIONS[isolation]})"
        + (f", as the user {settings.user}." if user is not None else ", as the user of this process.")
    ]
    if left := [exercise.key for exercise in exercises if exercise not in found]:
        lines.append(f"NOT COMPLETE: no time was left for {', '.join(left)}. Raise the time limit and run it again.")
    return "\n".join(lines)


def _results(
    course: Course,
    of_course: Policy,
    exercises: Sequence[Exercise],
    found: Mapping[Exercise, ExerciseResult],
    settings: Settings,
    metadata: Metadata,
    isolation: str,
) -> dict[str, Any]:
    """Return what Gradescope reads."""
    done = {(exercise.lesson, exercise.name): result for exercise, result in found.items()}
    submitted = Submitted(metadata.students, metadata.created_at, len(metadata.previous_submissions) + 1)
    exported, student = marks_of_one(course, metadata.policy(of_course, done), submitted, done, isolation)
    tokens = sum(mark.tokens for mark in student.marks.values())
    results = results_of(exported, student)
    left = [exercise for exercise in exercises if exercise not in found]
    lines = [results["output"]]
    hidden = _hidden(found.values())
    if settings.count_hidden and hidden["total"]:
        lines.append(_count(hidden, metadata))
    if settings.attempts is not None:
        lines.append(f"This is submission {len(metadata.graded_before) + 1} of {settings.attempts} that are graded.")
    if of_course.tokens is not None:
        lines.append(_tokens(tokens, metadata))
    if len(metadata.students) > 1:
        lines.append(f"All {len(metadata.students)} members of the group get this score.")
    lines.append(f"Your code ran under isolation: {isolation}.")
    if left:
        rubrics = load_rubrics(course, dict.fromkeys(exercise.lesson for exercise in left))
        names = ", ".join(exercise.name for exercise in left)
        lines.insert(0, f"THIS IS NOT YOUR SCORE YET. {len(left)} exercises are not graded: {names}.")
        results["tests"] += [
            {"name": result.name, "output": "Not graded yet.", "visibility": "visible"}
            for result in undecided(left, rubrics, "")
        ]
    results["output"] = "\n".join(filter(None, lines))
    state = {"complete": not left, "hidden": hidden, "isolation": isolation, "tokens": tokens}
    results["extra_data"] |= state | {"student": ", ".join(metadata.students)}
    return results


def _hidden(results: Iterator[ExerciseResult] | Any) -> dict[str, int]:
    checks = [check for result in results for check in result.checks if check.visibility == "hidden"]
    return {"passed": sum(check.outcome is Outcome.PASSED for check in checks), "total": len(checks)}


def _count(hidden: Mapping[str, int], metadata: Metadata) -> str:
    said = f"{hidden['passed']} of {hidden['total']} hidden checks pass"
    before = _state(metadata).get("hidden")
    if isinstance(before, dict) and isinstance(before.get("passed"), int):
        said += f" ({before['passed']} at your submission before)"
    return f"{said}."


def _tokens(tokens: int, metadata: Metadata) -> str:
    """Return what is counted of tokens, and what cannot be known here; nothing where none was ever needed."""
    before = _state(metadata).get("tokens")
    before = before if isinstance(before, int) else 0
    if not tokens and not before:
        return ""
    spent = "1 token is" if tokens == 1 else f"{tokens or 'no'} tokens are".capitalize()
    said = f"{spent} counted for this submission" + (f" ({before} for your submission before)" if before else "")
    if len(metadata.students) > 1:
        said += ", of each member of the group"
    return (
        f"{said}. Only the submission that counts spends any. They are counted as if none had been spent on other "
        "assignments, which cannot be known here: in your instructor's marks it may be otherwise."
    )


def _state(metadata: Metadata) -> dict[str, Any]:
    """Return what an earlier run has kept for this one."""
    before = metadata.previous_submissions[-1].results if metadata.previous_submissions else None
    state = (before or {}).get("extra_data")
    return state if isinstance(state, dict) else {}


def _over_the_limit(settings: Settings, metadata: Metadata) -> dict[str, Any] | None:
    """Return the results of the submission before, if no attempt is left; None if this one is to be graded."""
    if settings.attempts is None or len(metadata.graded_before) < settings.attempts:
        return None
    before = metadata.previous_submissions[-1].results
    if not before or "score" not in before:
        return None  # nothing to fall back on: nobody loses a mark for that
    said = (
        f"All {settings.attempts} submissions that are graded are used up, so this one was not graded: the result of "
        "the one before stands."
    )
    return {**before, "output": said, "output_format": "text"}
