"""Applies all rules to a notebook, without what its author has allowed with a reason."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from grader.authoring.linting.code_rules import CODE_RULES
from grader.authoring.linting.findings import Finding, Rule, Spot
from grader.authoring.linting.model_rules import MODEL_RULES
from grader.authoring.linting.notebook import Notebook, read
from grader.authoring.linting.page_rules import PAGE_RULES
from grader.course.names import closest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

# `# grade: allow RULE - reason` in a cell of code, `<!-- grade: allow RULE - reason -->` in one of text.
_ALLOWED = re.compile(
    r"(?:#|<!--)[ \t]*grade:[ \t]*allow[ \t]+([\w-]+)[ \t]*(?:-+[ \t]+(.*?))?[ \t]*(?:-->)?[ \t]*$", re.M
)


class _Allowed(NamedTuple):
    """A rule that an author allows to be broken in a cell, and why."""

    cell: int
    line: int
    rule: str
    reason: str


def _nothing(_: Notebook) -> Iterable[Spot]:
    return ()


# These are found by looking at other rules' findings, and by running the notebook.
ALLOWED = Rule("allowed", True, "An exception from a rule has no reason, or is not needed.", _nothing)
DOES_NOT_RUN = Rule("does-not-run", True, "The notebook does not run from top to bottom (--execute).", _nothing)
SOLUTION = Rule("solution", True, "A solved exercise does not pass its checks (--execute).", _nothing)
RULES = (*CODE_RULES, *PAGE_RULES, *MODEL_RULES, ALLOWED, DOES_NOT_RUN, SOLUTION)


def check(path: Path) -> list[Finding]:
    """Return what the rules find in a notebook, in the order of its cells.

    Raises `UsageError` if the file is not a notebook.
    """
    notebook = read(path)
    found = [Finding(str(path), rule, spot) for rule in RULES for spot in rule.spots(notebook)]
    allowed = list(_allowed(notebook))
    needed = {(finding.spot.cell, finding.rule.name) for finding in found}
    excused = {(each.cell, each.rule) for each in allowed if each.reason}
    left = [finding for finding in found if (finding.spot.cell, finding.rule.name) not in excused]
    left += [Finding(str(path), ALLOWED, spot) for spot in _bad(allowed, needed)]
    return sorted(left, key=lambda finding: (finding.spot.cell, finding.spot.line, finding.rule.name))


def _allowed(notebook: Notebook) -> Iterator[_Allowed]:
    for cell in notebook.cells:
        for found in _ALLOWED.finditer(cell.text):
            line = cell.text.count("\n", 0, found.start()) + 1
            yield _Allowed(cell.number, line, found[1], (found[2] or "").strip())


def _bad(allowed: Iterable[_Allowed], needed: set[tuple[int, str]]) -> Iterator[Spot]:
    names = [rule.name for rule in RULES]
    for cell, line, rule, reason in allowed:
        if rule not in names:
            close = closest(rule, names)
            yield Spot(cell, line, f"there is no rule `{rule}`.", f"Did you mean `{close}`?" if close else "Drop this.")
        elif not reason:
            yield Spot(cell, line, f"`{rule}` is allowed without a reason.", "Write it: `- because ...`.")
        elif (cell, rule) not in needed:
            yield Spot(cell, line, f"nothing in this cell is against `{rule}`.", "Drop this.")
