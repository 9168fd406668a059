"""Equivalent mutants: edits of a solution that change nothing, which an exercise records with the reason."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from grader.faults import text_of

if TYPE_CHECKING:
    from pathlib import Path

EQUIVALENTS = "equivalent.toml"


def recorded_equivalents(folder: Path) -> dict[str, str]:
    """Return the reasons why an exercise's recorded mutants are equivalent to its solution, by the mutant's name.

    Raises:
        ValueError: the file is not a list of tables `[[equivalent]]` with a `mutant` and a `reason`.
    """
    path = folder / EQUIVALENTS
    if not path.is_file():
        return {}
    try:
        entries = tomllib.loads(text_of(path))["equivalent"]
        return {entry["mutant"]: entry["reason"] for entry in entries if entry["reason"].strip()}
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: write [[equivalent]] tables with `mutant` and `reason` ({error}).") from error
