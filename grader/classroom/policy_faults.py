"""Looks for what is wrong with a policy beyond its schema: in its values, its names, and in what they add up to."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from grader.classroom.local_time import moment_of, shown, zone_called
from grader.course.schema_faults import Fault, suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from grader.classroom.policy import Policy, Rule
    from grader.course.model import Course, Exercise
    from grader.course.toml_lines import KeyPath

# Of the keys in one line, a table has one; that of the table nearest to the exercise replaces the others.
ALTERNATIVES = (("percent", "points", "caps"), ("hard_end", "hard_end_hours"))
_MOMENTS = ("due", "hard_end", "until", "from")
_ENDS = ("hard_end", "hard_end_hours")


def faults_of_values(data: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what is wrong with the values of single tables."""
    try:
        zone = zone_called(data["time_zone"])
    except ValueError:
        yield Fault(
            ("time_zone",),
            f'key `time_zone` is wrong: there is no time zone "{data["time_zone"]}": write a name such as '
            '"Europe/Berlin".',
        )
        return
    missing = list(_impossible_moments((), data, zone))
    yield from missing
    if missing:
        return
    for path, table in _rule_tables(data):
        for keys in ALTERNATIVES:
            yield from _several(path, table, keys)
        if "max_tokens" in table and "tokens" not in data:
            yield Fault((*path, "max_tokens"), "key `max_tokens` needs a table [tokens]: add it, with `per_term`.")
        yield from _faults_of_caps((*path, "caps"), table.get("caps", ()), zone)
    for index, table in enumerate(data.get("extensions", ())):
        yield from _faults_of_extension(("extensions", index), table, zone)


def _impossible_moments(path: KeyPath, value: Any, zone: Any) -> Iterator[Fault]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _impossible_moments((*path, key), each, zone)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _impossible_moments((*path, index), each, zone)
    elif path[-1] in _MOMENTS:
        try:
            moment_of(value, zone)
        except ValueError:
            yield Fault(path, f"key `{path[-1]}` is wrong: {value} does not exist in {zone}: write another time.")


def _rule_tables(data: Mapping[str, Any]) -> Iterator[tuple[KeyPath, Mapping[str, Any]]]:
    yield ("defaults",), data.get("defaults", {})
    for lesson, table in data.get("lessons", {}).items():
        yield ("lessons", lesson), table
        for exercise, own in table.get("exercises", {}).items():
            yield ("lessons", lesson, "exercises", exercise), own


def _several(path: KeyPath, table: Mapping[str, Any], keys: Sequence[str]) -> Iterator[Fault]:
    found = [key for key in keys if key in table]
    for key in found[1:]:
        yield Fault((*path, key), f"key `{key}` stands beside key `{found[0]}`: keep one of the two.")


def _faults_of_caps(path: KeyPath, caps: Sequence[Mapping[str, Any]], zone: Any) -> Iterator[Fault]:
    ends = {"until", "hours_late"}
    for number, cap in enumerate(caps, start=1):
        entry = f"entry {number} of key `caps`"
        if len(ends & cap.keys()) != 1:
            yield Fault(path, f"{entry} needs an end: write one of `until` and `hours_late`.")
            return
        if not all(ends & cap.keys() == ends & each.keys() for each in caps):
            yield Fault(path, "key `caps` mixes `until` and `hours_late`: keep to one of the two.")
            return
        if "from" in cap and ("until" not in cap or moment_of(cap["from"], zone) >= moment_of(cap["until"], zone)):
            yield Fault(path, f"{entry} has `from` without a later `until`: write both, in this order.")
            return
    # A cap with `from` is a window that may lie anywhere; the others follow each other.
    steps = [(number, cap) for number, cap in enumerate(caps, start=1) if "from" not in cap]
    for (before, earlier), (number, cap) in pairwise(steps):
        if _end_of(cap, zone) <= _end_of(earlier, zone):
            yield Fault(path, f"entry {number} of key `caps` ends no later than entry {before}: sort them by time.")
        elif cap["percent"] >= earlier["percent"]:
            yield Fault(
                path,
                f"entry {number} of key `caps` allows {cap['percent']:g} %, so that entry {before} never counts: lower "
                "it, or remove one of the two.",
            )


def _end_of(cap: Mapping[str, Any], zone: Any) -> Any:
    return moment_of(cap["until"], zone) if "until" in cap else cap["hours_late"]


def _faults_of_extension(path: KeyPath, table: Mapping[str, Any], zone: Any) -> Iterator[Fault]:
    if not {"students", "groups"} & table.keys():
        yield Fault(path, "the extension is for nobody: add `students` or `groups`.")
    if not {"hours", "due"} & table.keys():
        yield Fault(path, "the extension gives no time: add `hours`, or `due` with the new date.")
    yield from _several(path, table, ("hours", "due"))
    if {"due", "hard_end"} <= table.keys() and moment_of(table["hard_end"], zone) < moment_of(table["due"], zone):
        yield Fault((*path, "hard_end"), "key `hard_end` is before key `due`: put it later.")


# --- names of the course -------------------------------------------------------------------------------------------


def faults_of_names(data: Mapping[str, Any], course: Course) -> Iterator[Fault]:
    """Yield the lessons and exercises that the course does not have."""
    lessons = {lesson.name: [exercise.name for exercise in lesson.exercises] for lesson in course.lessons}
    for name, table in data.get("lessons", {}).items():
        if name not in lessons:
            yield Fault(("lessons", name), _unknown("lesson", name, lessons))
            continue
        for exercise in table.get("exercises", {}):
            if exercise not in lessons[name]:
                key = ("lessons", name, "exercises", exercise)
                yield Fault(key, _unknown("exercise", exercise, lessons[name]))
    keys = [exercise.key for exercise in course.exercises]
    for index, table in enumerate(data.get("extensions", ())):
        for kind, known in (("lesson", list(lessons)), ("exercise", keys)):
            for name in table.get(f"{kind}s", ()):
                if name not in known:
                    yield Fault(("extensions", index, f"{kind}s"), _unknown(kind, name, known))


def _unknown(kind: str, name: str, known: Sequence[str] | Mapping[str, Any]) -> str:
    return f"there is no {kind} `{name}`: {suggestion(name, known, 'correct the name or remove it.')}"


# --- what the tables add up to -------------------------------------------------------------------------------------


def faults_of_rules(data: Mapping[str, Any], policy: Policy, course: Course) -> Iterator[Fault]:
    """Yield the contradictions between a policy's tables."""
    for exercise in course.exercises:
        rule = policy.rule(exercise.lesson, exercise.name)
        if rule.due and rule.hard_end and rule.hard_end < rule.due + rule.grace:
            yield _early_end(data, policy, rule, exercise)
    for index, extension in enumerate(policy.extensions):
        concerned = extension.exercises or policy.rules.keys()
        due = [policy.rules[each].due for each in concerned]
        if extension.due and not any(each < extension.due for each in due if each):
            moment = shown(extension.due, policy.zone)
            yield Fault(
                ("extensions", index, "due"),
                f"key `due` ({moment}) extends nothing, since nothing that it concerns is due earlier: correct it.",
            )
        ends = [policy.rules[each].hard_end for each in concerned]
        if extension.hard_end and not any(each < extension.hard_end for each in ends if each):
            yield Fault(
                ("extensions", index, "hard_end"),
                f"key `hard_end` ({shown(extension.hard_end, policy.zone)}) extends nothing, since nothing that it "
                "concerns ends earlier: correct it.",
            )
    tokens = policy.tokens
    if tokens and tokens.too_few != "zero" and not any(rule.costs for rule in policy.rules.values()):
        yield Fault(
            ("tokens",),
            "tokens buy nothing, since lateness costs nothing: add `percent`, `points` or `caps` to [defaults] or to a "
            'lesson, or write too_few = "zero".',
        )


def _early_end(data: Mapping[str, Any], policy: Policy, rule: Rule, exercise: Exercise) -> Fault:
    levels = dict(_rule_tables(data))
    places: tuple[KeyPath, ...] = (
        ("lessons", exercise.lesson, "exercises", exercise.name),
        ("lessons", exercise.lesson),
        ("defaults",),
    )
    key: KeyPath = next((*place, end) for place in places for end in _ENDS if end in levels.get(place, {}))

    def local(moment: datetime | None) -> str:
        return shown(moment, policy.zone) if moment else ""

    minutes = rule.grace.total_seconds() / 60
    grace = f" with {minutes:g} minutes of grace" if minutes else ""
    return Fault(
        key,
        f"key `{key[-1]}` ends {exercise.key} at {local(rule.hard_end)}, before it is due ({local(rule.due)}{grace}): "
        "put it later.",
    )
