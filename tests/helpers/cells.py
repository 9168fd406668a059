"""The same code handed in as a file and as a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.submission.reading import read_submission
from helpers.notebooks import notebook

if TYPE_CHECKING:
    from grader.submission.model import Submission


def notebook_of(folder: Path, cells: list[Any]) -> Submission:
    (folder / "work.ipynb").write_text(notebook(*cells), encoding="utf-8")
    return read_submission(folder / "work.ipynb")


def file_of(folder: Path, cells: list[str]) -> Submission:
    (folder / "work.py").write_text("\n\n".join(cells) + "\n", encoding="utf-8")
    return read_submission(folder / "work.py")
