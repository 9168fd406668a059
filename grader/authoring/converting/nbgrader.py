"""Takes an assignment for nbgrader apart: the instructor's version, with solutions and hidden tests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from grader.authoring.converting.model import Answer, Assignment, Code, Left, Test, Unconvertible, points_text
from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.authoring.converting.cells import Cell

_SOLUTION = re.compile(r"^(?P<indent>\s*)### (?P<what>BEGIN|END) SOLUTION")
_HIDDEN = re.compile(r"^(?P<indent>\s*)### (?P<what>BEGIN|END) HIDDEN TESTS")
_STUB = "raise NotImplementedError"


def read(cells: Iterable[Cell]) -> Assignment:
    """Return what the cells are; raise `UsageError` if none of them is nbgrader's."""
    answers: list[Answer] = []
    tests: list[Test] = []
    given: list[Code] = []
    left: list[Left] = []
    above: list[str] = []
    known = False
    for cell in cells:
        found = cell.metadata.get("nbgrader")
        meta = found if isinstance(found, dict) else {}
        graded, written, task = (meta.get(key) is True for key in ("grade", "solution", "task"))
        known |= bool(meta)
        if graded or task:
            points = _points(meta.get("points"))
            if task or written or cell.kind != "code":
                left.append(Left(cell.number, by_hand(points)))
                continue
        if cell.kind == "markdown":
            if written:
                left.append(Left(cell.number, "it is an answer in text that nobody grades."))
            above.append(cell.text)
            continue
        try:
            if cell.kind == "code" and graded:
                visible = _without(cell.text, _HIDDEN, "")
                tests.append(Test(cell.number, _without(cell.text, _HIDDEN), visible, points))
            elif cell.kind == "code" and written:
                released = _without(cell.text, _SOLUTION, _STUB)
                released = "" if released == cell.text else released  # without marks, all of it is the solution
                answers.append(Answer(cell.number, _without(cell.text, _SOLUTION), released, "\n\n".join(above)))
            elif cell.kind == "code":
                given.append(Code(cell.number, cell.text))
        except Unconvertible as error:
            left.append(Left(cell.number, str(error)))
        above = []
    if not known:
        raise UsageError("No cell has metadata of nbgrader: give the instructor's version, or `--from otter`.")
    return Assignment(tuple(answers), tuple(tests), tuple(given), tuple(left))


def by_hand(points: float) -> str:
    """Return why what a person marks is not converted."""
    return (
        f"a person marks it ({points_text(points)}): add a criterion with `manual = true` to the exercise that it "
        "belongs to."
    )


def _points(value: object) -> float:
    """Return points as a number; early versions of nbgrader wrote them as text, or as nothing."""
    try:
        return float(str(value))
    except ValueError:
        return 0.0


def _without(text: str, mark: re.Pattern[str], instead: str | None = None) -> str:
    """Return a text without the lines that mark regions; with `instead`, without the regions as well."""
    lines: list[str] = []
    inside = False
    for line in text.split("\n"):
        found = mark.match(line)
        if found is None:
            if instead is None or not inside:
                lines.append(line)
            continue
        if inside is (found["what"] == "BEGIN"):
            raise Unconvertible(f"the marks `{line.strip()}` do not come in pairs: correct them.")
        inside = not inside
        if inside and instead:
            lines.append(found["indent"] + instead)
    if inside:
        raise Unconvertible("a region of it is begun and never ended: correct its marks.")
    return "\n".join(lines)
