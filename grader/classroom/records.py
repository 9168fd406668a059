"""What a gradebook knows of a student: attempts with their results, and what people have decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from grader.classroom.platforms.platform import Person
from grader.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grader.results import ExerciseResult

Key = tuple[str, str]  # an exercise, as lesson and name


class Delivery(NamedTuple):
    """A hand-in as it comes in: whose it is, the names of its files, when it came, and the hash of its content.

    `submitted_at` is in ISO 8601 form; it and `late` are None where nobody has said. `problem` says why nothing of it
    can be graded, "" if it can. `members` are the keys of everybody whose hand-in it is.
    """

    student: str
    name: str = ""
    handin: str = ""
    submitted_at: str | None = None
    late: bool | None = None
    sha256: str = ""
    problem: str = ""
    members: tuple[str, ...] = ()


class Graded(NamedTuple):
    """The result of one exercise as it goes into the gradebook.

    `made_of` names what it is the result of, part by part. `written` is false where the hand-in has nothing for the
    exercise. `code` are the texts that were graded, by path.
    """

    result: ExerciseResult
    made_of: Mapping[str, str]
    seconds: float
    isolation: str
    written: bool = True
    code: Mapping[str, str] = {}


# The part of a result that is a hash of the texts with the exercise's own functions, or of the answers to questions.
OWN_CODE = "code"


class Stored(NamedTuple):
    """A result in the gradebook; `code` are the hashes of the texts that were graded, by path."""

    result: ExerciseResult
    fingerprint: str
    made_of: Mapping[str, str]
    written: bool
    seconds: float
    isolation: str
    graded_at: str
    code: Mapping[str, str]

    @property
    def decided(self) -> bool:
        """Whether the work was graded: an error of the grader decides nothing."""
        return self.result.outcome is not Outcome.ERROR


class Attempt(NamedTuple):
    """A hand-in in the gradebook: `results` are the latest ones of each exercise."""

    number: int
    handin: str
    sha256: str
    problem: str
    submitted_at: str | None
    late: bool | None
    received_at: str
    results: Mapping[Key, Stored]
    members: Sequence[str] = ()


class HandMark(NamedTuple):
    """Points that a person gave for a criterion, or "" for all of an exercise; None takes earlier ones back."""

    exercise: Key
    criterion: str
    points: float | None
    why: str
    author: str
    given_at: str
    attempt: int | None = None
    automatic: float | None = None


class Comment(NamedTuple):
    """What a person says about an exercise, or about one line of a file; `number` tells it from others."""

    number: int
    exercise: Key
    attempt: int | None
    path: str
    line: int | None
    text: str
    author: str
    given_at: str


class Choice(NamedTuple):
    """The attempt that counts for an exercise because somebody says so; None takes an earlier choice back."""

    exercise: Key
    attempt: int | None
    why: str
    author: str
    given_at: str


class Decision(NamedTuple):
    """What a person decided about an exercise of one student.

    `seen` is the version (see `Gradebook.version`) of what they looked at, None if that does not matter.
    """

    student: str
    decided: Sequence[HandMark | Choice | Comment]
    seen: str | None = None


class StudentRecord(NamedTuple):
    """Everything that the gradebook knows of a student, decisions of people in the order in which they were made."""

    student: str
    name: str
    groups: Sequence[str] = ()
    left_at: str | None = None
    attempts: Sequence[Attempt] = ()
    hand_marks: Sequence[HandMark] = ()
    choices: Sequence[Choice] = ()
    comments: Sequence[Comment] = ()

    @property
    def label(self) -> str:
        """What sentences call the student."""
        return Person(self.student, self.name).label
