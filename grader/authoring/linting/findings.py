"""What a rule finds, and what a rule is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from grader.authoring.linting.notebook import Notebook


class Spot(NamedTuple):
    """Something in a notebook that a rule is against: the cell, the line in it, why, and what to do."""

    cell: int
    line: int
    why: str
    remedy: str


@dataclass(frozen=True)
class Rule:
    """A rule by name. An exact one is never wrong about what it finds; the others are suspicions, to be looked at."""

    name: str
    exact: bool
    against: str
    spots: Callable[[Notebook], Iterable[Spot]]


class Finding(NamedTuple):
    """A spot in a notebook, with the rule that found it."""

    path: str
    rule: Rule
    spot: Spot

    def __str__(self) -> str:
        """Return one line: where, which rule, why, and what to do."""
        suspicion = "" if self.rule.exact else "perhaps "
        place = f"{self.path}: cell {self.spot.cell}, line {self.spot.line}"
        return f"{place}: {suspicion}{self.rule.name}: {self.spot.why} {self.spot.remedy}"


def to_json(findings: Sequence[Finding]) -> str:
    """Return findings as a list of objects with path, rule, exact, cell, line, why and remedy."""
    listed = [{"path": path, "rule": rule.name, "exact": rule.exact, **spot._asdict()} for path, rule, spot in findings]
    return json.dumps({"schema": "grader.notebook-check/1", "findings": listed}, indent=2, ensure_ascii=False) + "\n"
