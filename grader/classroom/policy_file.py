"""Reads the policy of a course from `rubrics/policy.toml`, which is optional."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from grader.classroom.local_time import moment_of, zone_called
from grader.classroom.policy import Allowance, Cap, Extension, People, Policy, Rule, Tokens
from grader.classroom.policy_faults import ALTERNATIVES, faults_of_names, faults_of_rules, faults_of_values
from grader.course.rubric_reading import POLICY
from grader.course.toml_file import read_toml
from grader.errors import UsageError
from grader.faults import reading

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from grader.course.model import Course


class PolicyError(UsageError):
    """The policy is wrong; the text begins with its file and the line of the key."""


def load_policy(course: Course) -> Policy:
    """Return the policy of a course, or the one that holds without a file: nothing is ever due.

    Raises:
        PolicyError: `rubrics/policy.toml` is not TOML, violates `schemas/policy-1.schema.json`, names what the course
            does not have, or contradicts itself; of several errors the first.
        UsageError: the file cannot be read.
    """
    path = course.root / "rubrics" / f"{POLICY}.toml"
    with reading(path):
        if not path.exists():
            return Policy()
    read = read_toml(path, f"rubrics/{POLICY}.toml", "policy-1.schema.json", PolicyError)
    read.refuse(faults_of_values(read.data))
    read.refuse(faults_of_names(read.data, course))
    policy = _Reader(read.data, course, zone_called(read.data["time_zone"])).policy()
    read.refuse(faults_of_rules(read.data, policy, course))
    return policy


@dataclass(frozen=True)
class _Reader:
    """Makes a policy of data without faults."""

    data: Mapping[str, Any]
    course: Course
    zone: tzinfo

    def policy(self) -> Policy:
        known = ("attempt", "counts_by", "decimals", "gpu", "manual")
        return Policy(
            zone=self.zone,
            rules={(each.lesson, each.name): self._rule(each.lesson, each.name) for each in self.course.exercises},
            tokens=self._tokens(self.data["tokens"]) if "tokens" in self.data else None,
            groups={name: frozenset(students) for name, students in self.data.get("groups", {}).items()},
            extensions=tuple(map(self._extension, self.data.get("extensions", ()))),
            **{key: self.data[key] for key in known if key in self.data},
        )

    def _rule(self, lesson: str, exercise: str) -> Rule:
        of_lesson = self.data.get("lessons", {}).get(lesson, {})
        own = of_lesson.get("exercises", {}).get(exercise, {})
        keys = _inherited(self.data.get("defaults", {}), of_lesson, own)
        due = self._moment(keys, "due")
        hard_end = self._moment(keys, "hard_end")
        if due and "hard_end_hours" in keys:
            hard_end = due + timedelta(hours=keys["hard_end_hours"])
        numbers = ("percent", "points", "percent_at_most", "floor_percent", "missing_percent")
        as_written: dict[str, Any] = {key: _decimal(keys[key]) for key in numbers if key in keys}
        as_written |= {key: keys[key] for key in ("interval", "of", "max_tokens") if key in keys}
        return Rule(
            account=f"{lesson}/{exercise}" if {"due", "max_tokens"} & own.keys() else lesson,
            due=due,
            grace=timedelta(minutes=keys.get("grace_minutes", 0)),
            caps=tuple(map(self._cap, keys.get("caps", ()))),
            hard_end=hard_end,
            **as_written,
        )

    def _cap(self, cap: Mapping[str, Any]) -> Cap:
        late = timedelta(hours=cap["hours_late"]) if "hours_late" in cap else None
        return Cap(_decimal(cap["percent"]), self._moment(cap, "until"), late, self._moment(cap, "from", later=False))

    def _tokens(self, table: Mapping[str, Any]) -> Tokens:
        return Tokens(
            table["per_term"],
            timedelta(hours=table.get("hours", 24)),
            allowances=tuple(map(self._allowance, table.get("allowances", ()))),
            **{key: table[key] for key in ("too_few", "groups") if key in table},
        )

    def _allowance(self, table: Mapping[str, Any]) -> Allowance:
        people = _people(table) if {"students", "groups"} & table.keys() else None
        return Allowance(moment_of(table["from"], self.zone, later=False), table["per_term"], people)

    def _extension(self, table: Mapping[str, Any]) -> Extension:
        named = {name for key in ("lessons", "exercises") for name in table.get(key, ())}
        exercises = {(each.lesson, each.name) for each in self.course.exercises if {each.lesson, each.key} & named}
        return Extension(
            _people(table),
            frozenset(exercises) if named else None,
            timedelta(hours=table["hours"]) if "hours" in table else None,
            self._moment(table, "due"),
            self._moment(table, "hard_end"),
        )

    def _moment(self, table: Mapping[str, Any], key: str, *, later: bool = True) -> Any:
        return moment_of(table[key], self.zone, later=later) if key in table else None


def _inherited(*levels: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of tables as the last one has them, or inherits them from those before it."""
    keys: dict[str, Any] = {}
    for level in levels:
        for group in ALTERNATIVES:
            if not level.keys().isdisjoint(group):
                keys = {key: value for key, value in keys.items() if key not in group}
        keys |= level
    return keys


def _people(table: Mapping[str, Any]) -> People:
    return People(frozenset(table.get("students", ())), frozenset(table.get("groups", ())))


def _decimal(number: float) -> Decimal:
    return Decimal(str(number))  # as it is written, not as binary digits hold it
