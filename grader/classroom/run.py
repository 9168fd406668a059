"""Grades a folder of hand-ins into a gradebook: only what is missing or changed, every verdict stored as it comes."""

from __future__ import annotations

import hashlib
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from grader import faults, fingerprint
from grader.classroom.export import held_back
from grader.classroom.gradebook import Graded
from grader.classroom.handins import deliveries, read_handed_in
from grader.classroom.libraries import computing_libraries
from grader.course.rubric_reading import load_rubrics
from grader.errors import GraderError
from grader.grading import undecided
from grader.jobs import run_jobs
from grader.submission.model import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from grader.classroom.gradebook import Gradebook
    from grader.classroom.platforms.platform import HandedIn
    from grader.course.model import Course, Exercise
    from grader.grading import Grader
    from grader.jobs import Runner, Settings
    from grader.results import Verdict
    from grader.submission.model import Submission


class Task(NamedTuple):
    """A submission, and the exercises `LESSON/NAME` that it is to be graded on; `number` says whose it is."""

    number: int
    submission: Submission
    exercises: tuple[str, ...]


def grade_task(grader: Grader, task: Task) -> Verdict:
    """Grade a task, inside a job."""
    return grader.grade(task.submission, grader.course.select(task.exercises))


@dataclass
class Summary:
    """What a run did, by student: whose work was graded, was graded before, could not be, or broke the grader.

    `remarks` are about hand-ins that were graded, though not all of what was handed in.
    """

    graded: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def grade_class(
    course: Course,
    handins: Sequence[HandedIn],
    gradebook: Gradebook,
    settings: Settings,
    jobs: int,
    finished: Callable[[str], None] | None = None,
    *,
    regrade: bool = False,
    run_tasks: Runner | None = None,
) -> Summary:
    """Grade those hand-ins that the gradebook does not have yet, or all of them to `regrade`.

    `finished` is called with each student when done. `run_tasks` works off the tasks, `run_jobs` if it is not given.

    Raises:
        UsageError: the gradebook cannot be written any more (what it holds stays), the rubrics are wrong, or strict
            isolation cannot be had.
    """
    exercises = course.select(settings.exercises)
    rubrics = load_rubrics(course, dict.fromkeys(exercise.lesson for exercise in exercises))
    marks = {exercise: _made_of(exercise, settings) for exercise in exercises}
    summary = Summary()
    tell = finished or (lambda _student: None)

    def tasks() -> Iterator[Task]:
        for number, handin in enumerate(handins):
            try:
                read = read_handed_in(handin)
            except OSError as error:  # of the machine: not this student's fault, and perhaps the next one's is read
                faults.show(error)
                summary.broken[handin.label] = faults.with_hint(faults.reason(error))
                tell(handin.label)
                continue
            summary.remarks += read.remarks
            submission, held = _decidable(read.submission, exercises)
            if isinstance(submission, Problem):
                for delivery in deliveries(handin):
                    gradebook.store_problem(delivery, submission.sentence)
                summary.problems[handin.label] = submission.sentence
                tell(handin.label)
                continue
            if held:
                summary.problems[handin.label] = next(iter(held.values()))
                for delivery in deliveries(handin):
                    earlier = gradebook.results(delivery.student)
                    results = [
                        Graded(result, "", 0.0, "")
                        for exercise, sentence in held.items()
                        for why in [held_back(sentence, earlier.get((exercise.lesson, exercise.name)))]
                        for result in undecided([exercise], rubrics, why)
                    ]
                    gradebook.store(delivery, submission.sha256, results)
            known = [{} if regrade else gradebook.fingerprints(person.key) for person in handin.people]
            missing = tuple(
                exercise.key
                for exercise in exercises
                if exercise not in held
                and any(
                    each.get((exercise.lesson, exercise.name)) != _fingerprint(submission.sha256, marks[exercise])
                    for each in known
                )
            )
            if missing:
                yield Task(number, submission, missing)
            else:
                for delivery in deliveries(handin):
                    gradebook.store(delivery, submission.sha256, [])
                if not held:
                    summary.unchanged.append(handin.label)
                tell(handin.label)

    with closing((run_tasks or run_jobs)(settings, grade_task, tasks(), jobs)) as outcomes:
        for task, verdict, seconds, broken in outcomes:
            handin, sha256 = handins[task.number], task.submission.sha256
            if verdict is not None:
                results, isolation = verdict.exercises, verdict.isolation
            else:
                results, isolation = (
                    undecided(course.select(task.exercises), rubrics, faults.sentence(GraderError(broken))),
                    "",
                )
            graded = [
                Graded(result, _fingerprint(sha256, marks[exercise]), seconds / len(results), isolation)
                for exercise, result in zip(course.select(task.exercises), results, strict=True)
            ]
            for delivery in deliveries(handin):
                gradebook.store(delivery, sha256, graded)
            messages = [check.message for result in results for check in result.checks if check.outcome == "error"]
            if messages:
                summary.broken[handin.label] = messages[0]
            elif handin.label not in summary.problems:
                summary.graded.append(handin.label)
            tell(handin.label)
    return summary


def _decidable(
    submission: Submission | Problem, exercises: Sequence[Exercise]
) -> tuple[Submission | Problem, dict[Exercise, str]]:
    """Return a submission with the exercises that are held back, each with a sentence; or why nothing is decided.

    Held back is work that is there and could not be read, or that is there twice. Nothing is decided where such work is
    all that there is.
    """
    if isinstance(submission, Problem):
        return submission, {}
    found = {exercise: submission.source_of(exercise) for exercise in exercises}
    problems = {exercise: each for exercise, each in found.items() if isinstance(each, Problem)}
    held = {exercise: problem for exercise, problem in problems.items() if problem.undecided}
    if held and len(problems) == len(found):
        return next(iter(held.values())), {}
    return submission, {exercise: problem.sentence for exercise, problem in held.items()}


def _made_of(exercise: Exercise, settings: Settings) -> bytes:
    """Return a hash of everything but the submission that decides an exercise's result."""
    asked = (settings.isolation, settings.seeds.of(exercise.key), settings.call_seconds, computing_libraries())
    with faults.reading():
        return hashlib.sha256(f"{fingerprint.of_exercise(exercise)} {asked}".encode()).digest()


def _fingerprint(sha256: str, made_of: bytes) -> str:
    return hashlib.sha256(sha256.encode() + made_of).hexdigest()
