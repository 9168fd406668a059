"""Cheats that a statement allows, which an exercise records with the reason."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from grader.faults import text_of

if TYPE_CHECKING:
    from pathlib import Path

ALLOWED = "cheats.toml"
_HOW = 'write [[allowed]] tables with `cheat` and `reason`, such as cheat = "half precision"'


def allowed_cheats(folder: Path) -> dict[str, str]:
    """Return the reasons why an exercise's recorded cheats may pass, by the name of the cheat.

    Raises:
        ValueError: the file is not a list of tables `[[allowed]]` with a `cheat` and a `reason`, each a text.
    """
    path = folder / ALLOWED
    if not path.is_file():
        return {}
    try:
        content = tomllib.loads(text_of(path))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{ALLOWED} is not valid TOML ({error}): {_HOW}.") from error
    entries = content.get("allowed")
    if content.keys() != {"allowed"} or not isinstance(entries, list):
        raise ValueError(f"{ALLOWED} holds something else than cheats: {_HOW}.")
    return dict(map(_entry, entries))


def _entry(table: Any) -> tuple[str, str]:
    if not isinstance(table, dict) or table.keys() != {"cheat", "reason"}:
        raise ValueError(f"{ALLOWED} has an entry with other keys: {_HOW}.")
    cheat, reason = table["cheat"], table["reason"]
    if not (isinstance(cheat, str) and isinstance(reason, str) and cheat.strip() and reason.strip()):
        raise ValueError(f"{ALLOWED} has an entry that is empty or not a text: {_HOW}.")
    return cheat, reason
