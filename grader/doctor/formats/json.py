"""Writes what the doctor found as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from grader.doctor.finding import any_problem
from grader.report.registry import Format
from grader.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.doctor.finding import Finding

SCHEMA = "grader.doctor/1"


def to_json(findings: Sequence[Finding]) -> str:
    """Return the report as JSON."""
    report = {"schema": SCHEMA, "grader": __version__, "ok": not any_problem(findings), "findings": findings}
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode()


FORMAT = Format("json", to_json)
