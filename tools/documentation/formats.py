"""Tables of the keys of a file format, made of its JSON schema, where a page has the line `<!-- schema NAME -->`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).parents[2] / "grader" / "schemas"
MARK = re.compile(r"^<!-- schema (?P<name>[\w-]+) -->$", re.MULTILINE)
_ENDING = ".schema.json"


def names() -> list[str]:
    """Return the names of all formats, such as `rubric-1`."""
    return sorted(path.name.removesuffix(_ENDING) for path in SCHEMAS.glob(f"*{_ENDING}"))


def file_of(name: str) -> Path:
    """Return the schema of a format."""
    return SCHEMAS / f"{name}{_ENDING}"


def with_tables(text: str) -> str:
    """Return the Markdown of a page with the keys of every format whose mark it has."""
    return MARK.sub(lambda found: keys_of(json.loads(file_of(found["name"]).read_text(encoding="utf-8"))), text)


def keys_of(schema: dict[str, Any]) -> str:
    """Return tables of all keys: of the file itself, then of each kind of table in it."""
    parts = [_table(schema)]
    for name, inner in schema.get("$defs", {}).items():
        if "properties" in inner:
            title = name.replace("_", " ")
            parts += [f"**{title[0].upper()}{title[1:]}**", _table(inner)]
    return "\n\n".join(parts)


def _table(schema: dict[str, Any]) -> str:
    required = schema.get("required", ())
    rows = ["| key | value | if it is left out |", "| --- | --- | --- |"]
    for key, value in schema["properties"].items():
        when = "required" if key in required else _default(value)
        rows.append(f"| `{key}` | {_escaped(value.get('description', ''))}{_kind(value)} | {when} |")
    return "\n".join(rows)


def _default(value: dict[str, Any]) -> str:
    return f"default: `{json.dumps(value['default'])}`" if value.get("default") not in (None, [], {}, "") else ""


def _kind(value: dict[str, Any]) -> str:
    """Return the type of a value that no description tells, and the kind of table that it is or holds."""
    named = re.search(r'"\$ref": "#/\$defs/(\w+)"', json.dumps(value))
    if "description" in value:
        return ""
    if "const" in value:
        return f"`{json.dumps(value['const'])}`"
    if "enum" in value:
        return ", ".join(f"`{json.dumps(each)}`" for each in value["enum"])
    kind = value.get("type", "")
    kinds = " or ".join("nothing" if each == "null" else each for each in ([kind] if isinstance(kind, str) else kind))
    of = named[1].replace("_", " ") if named else ""
    return f"{kinds} of {of}" if kinds in ("array", "object") and of else kinds or of


def _escaped(text: str) -> str:
    return re.sub(r"([\\*_\[\]<>|])", r"\\\1", text)
