"""Reads a TOML file that belongs to a course, and refuses it with file, line, key and remedy."""

from __future__ import annotations

import datetime
import math
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader.course.schema_faults import schema_faults
from grader.course.toml_lines import key_lines, line_of, syntax_fault
from grader.faults import reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from grader.course.schema_faults import Fault
    from grader.errors import UsageError


@dataclass(frozen=True)
class TomlFile:
    """What a file says; `place` is what sentences call it, and `error` what is raised to refuse it."""

    place: str
    text: str
    data: Mapping[str, Any]
    error: type[UsageError]

    def refuse(self, faults: Iterable[Fault]) -> None:
        """Raise the error for the fault that comes first in the file, if there is one."""
        found = list(faults)
        if found:
            lines = key_lines(self.text)
            first = min(found, key=lambda fault: line_of(fault.key, lines))
            raise self.error(f"{self.place}:{line_of(first.key, lines)}: {first.sentence}")


def read_toml(path: Path, place: str, schema_file: str, error: type[UsageError]) -> TomlFile:
    """Read a file and validate it by a schema of `grader/schemas/`.

    Times are texts in ISO 8601 form, and so are numbers that are not finite: JSON knows neither.

    Raises:
        UsageError: the file cannot be read.
        error: it is not UTF-8, not TOML, or violates the schema.
    """
    with reading(path):
        content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
        data = tomllib.loads(text, parse_float=_finite)
    except UnicodeDecodeError as cause:
        raise error(f"{place}:1: the file is not UTF-8 (byte {cause.start}): save it as UTF-8.") from cause
    except tomllib.TOMLDecodeError as cause:
        line, reason = syntax_fault(text, cause)
        raise error(f"{place}:{line}: the file is not valid TOML ({reason}): fix the syntax.") from cause
    read = TomlFile(place, text, {key: _as_json(value) for key, value in data.items()}, error)
    read.refuse(schema_faults(read.data, schema_file))
    return read


def _finite(text: str) -> float | str:
    """Read a float; NaN and infinities stay texts, which the schema then refuses by name."""
    value = float(text)
    return value if math.isfinite(value) else text


def _as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_json(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_as_json(each) for each in value]
    return value.isoformat() if isinstance(value, datetime.date | datetime.time) else value
