"""Writes a verdict as JUnit XML: a test suite an exercise, a test case a check, points as properties and as output.

GitLab ignores properties and the names of suites, so each test case says which criterion it decides and what that gave.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from grader.report.failures import evidence, points
from grader.report.registry import Format
from grader.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.results import CheckResult, ExerciseResult, Verdict

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(verdict: Verdict) -> str:
    """Return the XML text; characters that XML cannot hold become question marks."""
    everything = [check for exercise in verdict.exercises for check in exercise.checks]
    root = Element("testsuites", {"name": _text(verdict.submission.name), **_counts(everything)})
    for exercise in verdict.exercises:
        suite = SubElement(
            root, "testsuite", {"name": f"{exercise.lesson}.{exercise.name}", **_counts(exercise.checks)}
        )
        properties = SubElement(suite, "properties")
        for name, value in (("points", exercise.points), ("max_points", exercise.max_points)):
            SubElement(properties, "property", name=name, value=points(value))
        for check in exercise.checks:
            _case(suite, exercise, check)
    indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode")


def _case(suite: Element, exercise: ExerciseResult, check: CheckResult) -> None:
    name = f"{exercise.lesson}.{exercise.name}"
    case = SubElement(suite, "testcase", classname=name, name=check.name, time=f"{check.seconds:.3f}")
    kinds = {Outcome.FAILED: "failure", Outcome.ERROR: "error", Outcome.SKIPPED: "skipped"}
    if check.outcome in kinds:
        sentence, _, _ = (check.message or check.title).partition("\n")
        element = SubElement(case, kinds[check.outcome], message=_text(sentence))
        element.text = _text("\n".join([check.title, check.message, *_details(check)]))
    said = [
        f"{each.title}: {points(each.points)} of {points(each.max_points)} points"
        for each in exercise.criteria
        if check.name in each.checks
    ]
    total = f"{name}: {points(exercise.points)} of {points(exercise.max_points)} points"
    SubElement(case, "system-out").text = _text("\n".join([check.title, *said, total]))


def _details(check: CheckResult) -> list[str]:
    rows = [f"{label}: {text}" for label, text in evidence(check.counterexample)]
    return rows + [f"known mistake: {found.title} {found.explanation}" for found in check.diagnosis]


def _counts(checks: Sequence[CheckResult]) -> dict[str, str]:
    outcomes = [check.outcome for check in checks]
    return {
        "tests": str(len(outcomes)),
        "failures": str(outcomes.count(Outcome.FAILED)),
        "errors": str(outcomes.count(Outcome.ERROR)),
        "skipped": str(outcomes.count(Outcome.SKIPPED)),
        "time": f"{sum(check.seconds for check in checks):.3f}",
    }


def _text(text: str) -> str:
    return _NOT_XML.sub("?", text)


FORMAT = Format("junit", junit)
