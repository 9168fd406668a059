"""Writes a verdict as CTRF, the Common Test Report Format: a test a check, points and diagnoses as extra."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from grader.report.failures import evidence
from grader.report.registry import Format
from grader.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.results import CheckResult, ExerciseResult, Verdict

# What broke in the grader is neither a failure nor pending: CTRF calls it "other".
STATUS = {
    Outcome.PASSED: "passed", Outcome.FAILED: "failed", Outcome.SKIPPED: "pending", Outcome.ERROR: "other",
}  # fmt: skip


def ctrf(verdict: Verdict) -> str:
    """Return the JSON text; times are durations only, so that the same verdict is the same text."""
    tests = [_test(exercise, check) for exercise in verdict.exercises for check in exercise.checks]
    return json.dumps(
        {
            "reportFormat": "CTRF",
            "specVersion": "0.0.0",
            "results": {
                "tool": {"name": "grade", "version": verdict.grader},
                "summary": _summary(tests),
                "tests": tests,
                "extra": {
                    "course": verdict.course,
                    "submission": verdict.submission.sha256,
                    "isolation": verdict.isolation,
                    "points": verdict.points,
                    "maxPoints": verdict.max_points,
                    "exercises": [
                        {"name": f"{e.lesson}/{e.name}", "points": e.points, "maxPoints": e.max_points, "seed": e.seed}
                        for e in verdict.exercises
                    ],
                },
            },
        },
        indent=2,
    )


def _summary(tests: Sequence[dict[str, Any]]) -> dict[str, int]:
    counted = {name: sum(test["status"] == name for test in tests) for name in ("passed", "failed", "pending", "other")}
    duration = sum(test["duration"] for test in tests)
    return {"tests": len(tests), **counted, "skipped": 0, "start": 0, "stop": duration}


def _test(exercise: ExerciseResult, check: CheckResult) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": f"{exercise.name}: {check.title}",
        "status": STATUS[check.outcome],
        "duration": round(check.seconds * 1000),
        "suite": [exercise.lesson, exercise.name],
        "extra": {
            "check": check.name,
            "visibility": check.visibility,
            "criteria": [
                {"title": each.title, "points": each.points, "maxPoints": each.max_points}
                for each in exercise.criteria
                if check.name in each.checks
            ],
            "knownMistakes": [{"title": each.title, "explanation": each.explanation} for each in check.diagnosis],
        },
    }
    if check.message and check.outcome is not Outcome.PASSED:
        lines = [check.message, *(f"{label}: {text}" for label, text in evidence(check.counterexample))]
        found["message"] = "\n".join(lines)
    return found


FORMAT = Format("ctrf", ctrf)
