"""What a run of checks works with: the course, the submission, and one session an exercise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from grader.course.finding import find_course
from grader.course.marked import why_skipped
from grader.course.rubric_reading import load_rubrics
from grader.course.seeds import REPEATABLE, Seeds
from grader.diffusion.choice import TINY
from grader.diffusion.machine import bench, equipment
from grader.sandbox import limits
from grader.sandbox.outside.failures import SubmissionStopped
from grader.sandbox.outside.reader import read_edited_stubs, read_handin
from grader.sandbox.outside.remote import RemoteSubmission
from grader.sandbox.outside.server import ForkServer, Isolation
from grader.sandbox.outside.session import Session
from grader.sandbox.outside.workbench_file import source_of, workbench_of
from grader.submission.model import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from grader.course.model import Course, Exercise
    from grader.course.rubric import ExerciseRubric
    from grader.diffusion.choice import Choice
    from grader.sandbox.outside.transcript import CallRecord
    from grader.submission.model import Source, Submission

Kind = TypeVar("Kind", bound=Session)
MAX_SHRINKS = 150  # how many smaller inputs are tried once one has failed


class Failed(NamedTuple):
    """A check that failed, without what Hypothesis adds to it, and the arguments with which it did so first.

    `asides` is what it has read on that example which is not part of it.
    """

    check: Callable[..., None]
    arguments: Mapping[str, Any]
    asides: Sequence[CallRecord]


class Judge:
    """Owns the sessions of one submission; `close` ends them."""

    def __init__(
        self,
        course: Course,
        rubrics: Mapping[tuple[str, str], ExerciseRubric],
        submission: Submission,
        server: ForkServer,
        *,
        seeds: Seeds = REPEATABLE,
        call_seconds: float | None = None,
        owns_server: bool = False,
        most_shrinks: int | None = None,
        model: Choice = TINY,
    ) -> None:
        self.course = course
        self.tier = model.tier
        self.submission = submission
        self.server = server
        self._seeds = seeds
        self.owns_server = owns_server
        self.most_shrinks = MAX_SHRINKS if most_shrinks is None else most_shrinks
        self._rubrics = rubrics
        self._call_seconds = call_seconds
        self.model = model
        self._workbench = source_of(course.root, course.workbench)
        workbench_of(self._workbench)  # a file that cannot be used is reported before anything is graded
        self._sessions: dict[Exercise, Session] = {}
        self.failed: dict[str, Failed] = {}  # by the names of checks; kept only where nothing is shrunk
        self._exercises = {
            path: exercise
            for exercise in course.exercises
            for path in (exercise.public_checks, exercise.hidden_checks)
            if path is not None
        }

    def is_check_file(self, path: Path) -> bool:
        """Tell whether `path` holds checks of this course."""
        return path in self._exercises

    def exercise_of(self, path: Path) -> Exercise:
        """Return the exercise that a check file belongs to."""
        return self._exercises[path]

    def session(self, exercise: Exercise) -> Session | None:
        """Return the session of an exercise if it has been started."""
        return self._sessions.get(exercise)

    def remote(self, exercise: Exercise) -> RemoteSubmission:
        """Return the exercise's functions as its checks call them; raise `SubmissionStopped` if they cannot be had."""
        return RemoteSubmission(self.session_of(exercise), exercise.functions)

    def session_of(self, exercise: Exercise) -> Session:
        """Return the session of an exercise, which is started now if it has not been."""
        if exercise not in self._sessions:
            self._sessions[exercise] = self.open_session(exercise, self.submission)
        return self._sessions[exercise]

    def ask_instead(self, exercise: Exercise, session: Session) -> None:
        """Have the checks of an exercise ask another session."""
        self._sessions[exercise] = session

    def open_session(self, exercise: Exercise, submission: Submission) -> Session:
        """Return a session of any submission for an exercise, under the rules of this run."""
        source = submission.source_of(exercise)
        if isinstance(source, Problem):
            raise SubmissionStopped(source.sentence)
        return self.open_source(exercise, source, Session, self.call_seconds(exercise))

    def open_source(self, exercise: Exercise, source: Source, kind: type[Kind], call_seconds: float) -> Kind:
        """Return a session of some kind on a source for an exercise, under the rules of this run."""
        forbidden = self._rubrics[exercise.lesson, exercise.name].forbidden
        return kind(
            self.server,
            source.files,
            source.modules,
            call_seconds=call_seconds,
            forbidden=forbidden,
            equipment=equipment(self._workbench, exercise, forbidden, self.model),
            places=source.places,
            left_out=source.left_out,
            optional=source.optional,
            definitions=source.definitions,
            unfilled=source.unfilled,
        )

    def seed_of(self, exercise: Exercise) -> int | None:
        """Return the seed of the inputs that the exercise's checks draw, None for the repeatable ones."""
        return self._seeds.of(exercise.key)

    def call_seconds(self, exercise: Exercise) -> float:
        """Return the CPU seconds that one call may take."""
        stated = self._rubrics[exercise.lesson, exercise.name].call_seconds
        if self._call_seconds or self.tier == "cpu":
            return self._call_seconds or stated
        return max(stated, limits.REAL_CALL_SECONDS if self.model.kind == "cpu" else limits.GPU_CALL_SECONDS)

    def why_skipped(self, exercise: Exercise, name: str) -> str:
        """Return why a check does not run on this tier, "" if it does."""
        return why_skipped(exercise, self._rubrics[exercise.lesson, exercise.name], name, self.tier)

    def close(self) -> None:
        """End the workers."""
        for session in self._sessions.values():
            session.close()


def judge_of_plain_run(
    path: Path, *, submission: str | None, isolation: str, seed: int | None, call_seconds: float | None
) -> Judge:
    """Return the judge of a run by plain pytest of the course that `path` lies in."""
    course = find_course(path)
    return Judge(
        course,
        load_rubrics(course),
        read_handin(Path(submission)) if submission else read_edited_stubs(course),
        ForkServer(Isolation(isolation), bench(course)),
        seeds=Seeds(seed),
        call_seconds=call_seconds,
        owns_server=True,
    )
