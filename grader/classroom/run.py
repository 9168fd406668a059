"""Grades a folder of hand-ins into a gradebook: only what is missing or changed, every verdict stored as it comes."""

from __future__ import annotations

import hashlib
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from grader import faults, fingerprint
from grader.classroom.handins import content_hash, deliveries, read_handed_in
from grader.classroom.libraries import computing_libraries
from grader.classroom.marks import HELD_BACK
from grader.classroom.records import OWN_CODE, Graded
from grader.course.marked import undecided
from grader.course.rubric_reading import load_rubrics
from grader.diffusion.request import identity
from grader.errors import GraderError
from grader.jobs import run_jobs
from grader.submission.model import Problem, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from grader.classroom.gradebook import Gradebook
    from grader.classroom.platforms.platform import HandedIn
    from grader.course.model import Course, Exercise
    from grader.grading import Grader
    from grader.jobs import Runner, Settings
    from grader.results import ExerciseResult, Verdict
    from grader.submission.model import Submission

REAL_MODEL = "real model"  # the part of a result that names the model on which the points were given that need one
MAX_CODE = 200_000  # characters of an exercise's code that are kept beside its result


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

    `not_run` says what could not be run and so got no points. `remarks` are about hand-ins that were graded, though not
    all of what was handed in.
    """

    graded: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    not_run: dict[str, str] = field(default_factory=dict)
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
    run: int | None = None,
    run_tasks: Runner | None = None,
) -> Summary:
    """Grade those hand-ins that the gradebook does not have yet, or all of them to `regrade`.

    `finished` is called with each student when done; `run` is the number of the run that the results belong to.
    `run_tasks` works off the tasks, `run_jobs` if it is not given.

    Raises:
        UsageError: the gradebook cannot be written any more (what it holds stays), the rubrics are wrong, or strict
            isolation cannot be had.
    """
    grading = _Grading(course, handins, gradebook, settings, finished or (lambda _student: None), regrade, run)
    with closing((run_tasks or run_jobs)(settings, grade_task, grading.tasks(), jobs)) as outcomes:
        for task, verdict, seconds, broken in outcomes:
            grading.store(task, verdict, seconds, broken)
    return grading.summary


class _Grading:
    """A run over hand-ins: which tasks they make, and what becomes of the verdicts."""

    def __init__(
        self,
        course: Course,
        handins: Sequence[HandedIn],
        gradebook: Gradebook,
        settings: Settings,
        finished: Callable[[str], None],
        regrade: bool,
        run: int | None,
    ) -> None:
        self.summary = Summary()
        self._course = course
        self._handins = handins
        self._gradebook = gradebook
        self._finished = finished
        self._regrade = regrade
        self._run = run
        self._exercises = course.select(settings.exercises)
        self._rubrics = load_rubrics(course, dict.fromkeys(exercise.lesson for exercise in self._exercises))
        self._marks = {exercise: _made_of(exercise, settings) for exercise in self._exercises}
        self._begun: dict[int, _Begun] = {}  # hand-ins that are being graded

    def tasks(self) -> Iterator[Task]:
        """Yield what is to be graded; what is decided without grading is stored at once."""
        for number, handin in enumerate(self._handins):
            try:
                read = read_handed_in(handin)
            except OSError as error:  # of the machine: not this student's fault, and perhaps the next one's is read
                faults.show(error)
                self._broken(handin, faults.with_hint(faults.reason(error)))
                continue
            self.summary.remarks += read.remarks
            submission, held, not_run, sources = _decidable(read.submission, self._exercises)
            if not_run:
                self.summary.not_run[handin.label] = not_run
            if isinstance(submission, Problem):
                for delivery in deliveries(handin):
                    self._gradebook.attempt(delivery._replace(problem=submission.sentence))
                self.summary.problems[handin.label] = submission.sentence
                self._finished(handin.label)
                continue
            parts = {e: self._parts(submission, e, source) for e, source in sources.items() if e not in held}
            if (missing := self._missing(number, submission, held, parts)) is not None:
                yield missing

    def _missing(
        self,
        number: int,
        submission: Submission,
        held: Mapping[Exercise, str],
        parts: Mapping[Exercise, Mapping[str, str]],
    ) -> Task | None:
        """Return what is to be graded of a hand-in; if nothing is, say so."""
        handin = self._handins[number]
        attempts = {
            delivery.student: self._gradebook.attempt(delivery._replace(sha256=content_hash(submission)))
            for delivery in deliveries(handin)
        }
        known = [self._gradebook.made_of(student, attempt) for student, attempt in attempts.items()]
        if held:
            self.summary.problems[handin.label] = next(iter(held.values()))
            for student, attempt in attempts.items():
                self._gradebook.store(student, attempt, self._held_back(held), self._run)
        missing = tuple(
            exercise.key
            for exercise, made_of in parts.items()
            if self._regrade
            or any(not _is_made_of(each.get((exercise.lesson, exercise.name)), made_of) for each in known)
        )
        if missing:
            self._begun[number] = _Begun(attempts, parts)
            return Task(number, submission, missing)
        if not held:
            self.summary.unchanged.append(handin.label)
        self._finished(handin.label)
        return None

    def store(self, task: Task, verdict: Verdict | None, seconds: float, broken: str) -> None:
        """Store a verdict for everybody whose hand-in it is, or that the grader broke."""
        handin, exercises = self._handins[task.number], self._course.select(task.exercises)
        attempts, parts = self._begun.pop(task.number)
        if verdict is not None:
            results: Sequence[ExerciseResult] = verdict.exercises
            isolation = verdict.isolation
        else:
            results = undecided(exercises, self._rubrics, faults.sentence(GraderError(broken)))
            isolation = ""
        graded = [
            Graded(
                result,
                parts[exercise],
                seconds / len(results),
                isolation,
                task.submission.is_written(exercise),
                _code(task.submission, exercise),
            )
            for exercise, result in zip(exercises, results, strict=True)
        ]
        for student, attempt in attempts.items():
            self._gradebook.store(student, attempt, graded, self._run)
        messages = [check.message for result in results for check in result.checks if check.outcome == "error"]
        if messages:
            self._broken(handin, messages[0])
            return
        if handin.label not in self.summary.problems:
            self.summary.graded.append(handin.label)
        self._finished(handin.label)

    def _broken(self, handin: HandedIn, sentence: str) -> None:
        self.summary.broken[handin.label] = sentence
        self._finished(handin.label)

    def _held_back(self, held: Mapping[Exercise, str]) -> list[Graded]:
        return [
            Graded(result, {}, 0.0, "")
            for exercise, sentence in held.items()
            for result in undecided([exercise], self._rubrics, f"{HELD_BACK} {sentence}")
        ]

    def _parts(self, submission: Submission, exercise: Exercise, source: Source | Problem) -> dict[str, str]:
        parts = {"hand-in": submission.sha256, **self._marks[exercise]}
        if exercise.is_questions:
            parts[OWN_CODE] = _hash_of([each.text for each in submission.answers_to(exercise)])
        elif isinstance(source, Source):
            parts[OWN_CODE] = _hash_of([source.files[path] for path in sorted(set(source.modules.values()))])
        is_answered = exercise.is_questions or self._rubrics[exercise.lesson, exercise.name].by_hand
        if is_answered and (answers := submission.answers_to(exercise)):
            parts["answer in text"] = _hash_of(answers)
        if self._rubrics[exercise.lesson, exercise.name].of_examples and (text := submission.examples_for(exercise)):
            parts["examples"] = _hash_of(text)
        return parts


def _hash_of(value: object) -> str:
    return hashlib.sha256(repr(value).encode("utf-8", "backslashreplace")).hexdigest()


class _Begun(NamedTuple):
    """A hand-in that is being graded: its attempt by student, and what its results are made of."""

    attempts: Mapping[str, int]
    parts: Mapping[Exercise, Mapping[str, str]]


class _Decidable(NamedTuple):
    """A submission, or why nothing of it is decided.

    The marks of the exercises in `held` are held back. `not_run` is a sentence on work that could not be run, "" if
    there is none. `sources` has what each exercise gets of the submission.
    """

    submission: Submission | Problem
    held: Mapping[Exercise, str] = {}
    not_run: str = ""
    sources: Mapping[Exercise, Source | Problem] = {}


def _decidable(submission: Submission | Problem, exercises: Sequence[Exercise]) -> _Decidable:
    """Return a submission with the exercises that are held back, each with a sentence; or why nothing is decided.

    Held back is work that is there and could not be read, or that is there twice. Nothing is decided where such work is
    all that there is.
    """
    if isinstance(submission, Problem):
        return _Decidable(submission)
    if submission.problem and not any(map(submission.answers_to, exercises)):
        return _Decidable(submission.problem)
    found = {exercise: submission.source_of(exercise) for exercise in exercises}
    problems = {exercise: each for exercise, each in found.items() if isinstance(each, Problem)}
    held = {exercise: problem for exercise, problem in problems.items() if problem.undecided}
    if held and len(problems) == len(found):
        return _Decidable(next(iter(held.values())))
    sentences = {exercise: problem.sentence for exercise, problem in held.items()}
    return _Decidable(submission, sentences, _not_run(submission, found, problems), found)


def _not_run(submission: Submission, exercises: Collection[Exercise], problems: Mapping[Exercise, Problem]) -> str:
    """Return a sentence on work that could not be run and so gets no points, "" if there is none."""
    if formal := {exercise: problem for exercise, problem in problems.items() if problem.formal}:
        more = f" {len(formal) - 1} more could not be run either." if len(formal) > 1 else ""
        first, problem = next(iter(formal.items()))
        sentence = problem.sentence.partition("\n")[0]
        return f"{first.name}: {sentence}{more}"
    if len(problems) < len(exercises) or any(map(submission.answers_to, exercises)):
        return ""
    asked = "the exercise" if len(exercises) == 1 else f"any of the {len(exercises)} exercises"
    return f"Nothing for {asked} is in it."


def _is_made_of(known: Mapping[str, str] | None, parts: Mapping[str, str]) -> bool:
    """Tell whether a result is of these parts; where no real model is asked for, it may have been decided on one."""
    if known is None:
        return False
    return {name: part for name, part in known.items() if name != REAL_MODEL or REAL_MODEL in parts} == dict(parts)


def _made_of(exercise: Exercise, settings: Settings) -> dict[str, str]:
    """Return everything but the submission that decides an exercise's result, part by part."""
    with faults.reading():
        parts = {
            **fingerprint.parts_of_exercise(exercise),
            "seed": str(settings.seeds.of(exercise.key)),
            "isolation": settings.isolation.value,
            "seconds a call": str(settings.call_seconds),
            "libraries": computing_libraries(),
        }
        if settings.models and exercise.uses_model("gpu"):
            parts[REAL_MODEL] = identity(settings.models[0], settings.root)
        return parts


def _code(submission: Submission, exercise: Exercise) -> dict[str, str]:
    """Return the texts that an exercise's functions stand in, then what they may import, as far as there is room."""
    source = submission.source_of(exercise)
    if not isinstance(source, Source):
        return {}
    homes = dict.fromkeys(source.modules.values())
    room, code = MAX_CODE, {}
    for path in (*homes, *(path for path in source.files if path not in homes)):
        text = source.files[path]
        if len(text) <= room:
            code[path] = text
            room -= len(text)
    return code
