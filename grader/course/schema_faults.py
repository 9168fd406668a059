"""Says in sentences what violates a JSON Schema, by the descriptions that the schema gives of its values."""

from __future__ import annotations

import functools
import json
import operator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from grader.course.names import closest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from jsonschema_rs import ValidationError

    from grader.course.toml_lines import KeyPath

_SCHEMAS = Path(__file__).parents[1] / "schemas"
_SHOWN_CHARACTERS = 60  # of a value that a sentence quotes


class Fault(NamedTuple):
    """Something wrong with a file: the key that it is about, and the sentence after file and line."""

    key: KeyPath
    sentence: str


def suggestion(name: str, known: Iterable[str], otherwise: str) -> str:
    """Return the question whether a similar name was meant, or else another remedy."""
    close = closest(name, known)
    return f"did you mean `{close}`?" if close else otherwise


def schema_faults(data: Mapping[str, Any], schema_file: str) -> Iterator[Fault]:
    """Yield what violates the schema in a file of `grader/schemas/`."""
    # Imported here because a listing has no need of it. The older `jsonschema` builds 38 parsers of addresses when it
    # is imported beside JupyterLab, which takes longer than to import PyTorch.
    import jsonschema_rs

    schema = json.loads((_SCHEMAS / schema_file).read_text(encoding="utf-8"))
    for error in jsonschema_rs.Draft202012Validator(schema).iter_errors(data):
        *place, keyword = error.schema_path
        yield from _in_sentences(error, str(keyword), functools.reduce(operator.getitem, place, schema))


def _in_sentences(error: ValidationError, keyword: str, schema: Any) -> Iterator[Fault]:
    """Yield what a violation of a keyword of a schema means; its descriptions say what ought to be there."""
    path = tuple(error.instance_path)
    found: Any = error.instance
    if keyword == "required":
        unknown = found.keys() - schema["properties"].keys()
        missing = [key for key in schema["required"] if key not in found]
        # A misspelt key is missing too, but the line that matters is where it stands.
        for key in [key for key in missing if not closest(key, unknown)]:
            due = schema["properties"][key]["description"]
            yield Fault(path, f"key `{key}` is missing {_table(path)}: add {due}.")
    elif keyword == "additionalProperties":
        for key in [key for key in found if key not in schema["properties"]]:
            remedy = suggestion(key, schema["properties"], "remove it.")
            yield Fault((*path, key), f"key `{key}` is unknown {_table(path)}: {remedy}")
    else:
        description = schema["description"]
        yield Fault(path, f"{_key(path)} is wrong: found {as_toml(found)}, write {description}.")


def _table(path: KeyPath) -> str:
    names = [str(part) for part in path if isinstance(part, str)]
    return f"in [{'.'.join(names)}]" if names else "at the top"


def _key(path: KeyPath) -> str:
    if isinstance(path[-1], int):
        return f"entry {path[-1] + 1} of key `{path[-2]}`"
    return f"key `{path[-1]}`"


def as_toml(value: object) -> str:
    """Return a value as a sentence quotes it."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."
