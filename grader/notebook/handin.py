"""Packs what a notebook holds into the file that is handed in."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.atomic import write_atomically
from grader.course.finding import find_course
from grader.course.sources import ANSWERS
from grader.errors import UsageError
from grader.notebook.places import notebook_file, on_colab
from grader.submission.notebook.magics import exercise_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grader.notebook.places import Place

SCHEMA = "grader.handin/1"
SAYS = "handin.json"  # what passed where it was packed: for the student, and never read as a mark


def hand_in(variables: dict[str, Any], cells: Sequence[str], place: Place, outcomes: Mapping[str, str]) -> Path:
    """Write `handin-LESSON.zip` beside the notebook, with the notebook in it, and return its path.

    It holds the notebook's file if that is known, with the answers in text; else the cells that were run. Answers to
    the lesson's questions go with it, as `%answer` has kept them, and files of examples. `outcomes` are those of the
    exercises that were checked here.

    Raises:
        UsageError: nothing was run yet, the file lacks a cell of an exercise that was run, or nothing can be written
            there.
    """
    notebook = _notebook_of_colab() if on_colab() else None
    if notebook is None and (file := notebook_file(variables)) is not None:
        notebook = json.loads(file.read_text(encoding="utf-8"))
        names = {exercise.name for exercise in find_course(place.root).exercises}
        _refuse_unsaved(file, notebook, [cell for cell in cells if exercise_of(cell) in names])
    if notebook is None:
        notebook = _of_cells(cells)
    name = place.lesson or "work"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}.ipynb", json.dumps(notebook, indent=1, ensure_ascii=False))
        answers = place.root / "exercises" / place.lesson / ANSWERS
        if place.lesson and answers.is_file():
            archive.writestr(ANSWERS, answers.read_bytes())
        for examples in sorted(answers.parent.glob("*.examples")) if place.lesson else ():
            archive.writestr(examples.name, examples.read_bytes())
        said = {"schema": SCHEMA, "passed": sorted(n for n, outcome in outcomes.items() if outcome == "passed")}
        archive.writestr(SAYS, json.dumps(said, indent=2))
    path = Path.cwd() / f"handin-{name}.zip"
    write_atomically(path, packed.getvalue())
    return path


def _refuse_unsaved(file: Path, notebook: Any, cells: Sequence[str]) -> None:
    """Refuse a file in which the last run cell of an exercise is not."""
    saved = {_text(cell).strip() for cell in notebook.get("cells", []) if cell.get("cell_type") == "code"}
    last = {exercise_of(cell): cell for cell in cells}
    unsaved = [name for name, cell in last.items() if cell.strip() not in saved]
    if unsaved:
        raise UsageError(
            f"{file.name} is not saved: save it (Ctrl+S), then run this cell again. New: {', '.join(unsaved)}."
        )


def _text(cell: Any) -> str:
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def _of_cells(cells: Sequence[str]) -> Any:
    ran = [cell for cell in cells if cell.strip()]
    if not ran:
        raise UsageError("No cell has been run yet: run the cells that you want to hand in, then this one.")
    made: list[dict[str, Any]] = [
        {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": cell} for cell in ran
    ]
    return {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}


def _notebook_of_colab() -> Any:
    """Return the notebook as the browser has it, None if Colab does not give it."""
    try:
        from google.colab import _message  # type: ignore[import-not-found]

        return _message.blocking_request("get_ipynb", timeout_sec=20)["ipynb"]
    except Exception:  # an interface of Colab's own, which may change
        return None
