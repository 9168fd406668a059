"""Reads what Gradescope says about a submission: whose it is, when it came, when it was due, what was there before."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING, Any

import msgspec

from grader.classroom.policy import Extension, People, Policy, Rule
from grader.errors import UsageError
from grader.faults import reading

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from grader.classroom.records import Key


class Dates(msgspec.Struct, frozen=True):
    """When an assignment is due, for everybody or for one student who has an extension."""

    due_date: datetime | None = None


class Person(msgspec.Struct, frozen=True):
    """One of those who handed in; `assignment` has dates of their own, where the platform gives any."""

    email: str | None = None  # missing where students are anonymous
    name: str | None = None
    assignment: Dates | None = None


class Before(msgspec.Struct, frozen=True):
    """An earlier submission; `results` is what the autograder wrote then, which only the latest one has."""

    score: float | None = None
    autograder_error: bool | None = None
    results: dict[str, Any] | None = None


class Metadata(msgspec.Struct, frozen=True):
    """What there is to know about a submission, apart from its files."""

    created_at: str | None = None
    assignment: Dates = Dates()
    users: tuple[Person, ...] = ()
    previous_submissions: tuple[Before, ...] = ()

    @property
    def students(self) -> tuple[str, ...]:
        """What tells the submission's authors from others, at least one: all members of a group hand in together."""
        return tuple(sorted({user.email or user.name or "" for user in self.users} - {""})) or ("student",)

    @property
    def graded_before(self) -> tuple[Before, ...]:
        """The earlier submissions that were graded."""
        return tuple(before for before in self.previous_submissions if not before.autograder_error)

    def policy(self, of_course: Policy, exercises: Mapping[Key, object]) -> Policy:
        """Return a course's policy with the dates of the platform, which also keeps extensions and its own hard end.

        The longest extension of a member holds for the group.
        """
        due = self.assignment.due_date
        if due is None:
            return of_course
        rules = {key: _moved(of_course.rule(*key), due) for key in exercises}
        own = [user.assignment.due_date for user in self.users if user.assignment and user.assignment.due_date]
        later = max(own, default=due)
        extended = (Extension(People(frozenset(self.students)), due=later),) if later > due else ()
        return replace(of_course, rules=rules, extensions=extended)


def _moved(rule: Rule, due: datetime) -> Rule:
    return replace(rule, due=due, hard_end=None)


def read_metadata(path: Path) -> Metadata:
    """Return what a platform says; nothing if it says nothing.

    Raises:
        UsageError: the file cannot be read or is something else.
    """
    with reading(path, "give what Gradescope puts there."):
        if not path.is_file():
            return Metadata()
        content = path.read_bytes()
    try:
        return msgspec.json.decode(content, type=Metadata)
    except (ValueError, RecursionError) as error:  # every error of msgspec is a ValueError
        raise UsageError(f"{path} is not what Gradescope says of a submission ({error}).") from error
