"""Writes the failing input of a check as a script that a student runs in their own Python or IDE."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save

from grader.checks.assertions import same
from grader.report.failures import failures
from grader.sandbox.wire.handles import Handle

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from grader.course.model import Exercise
    from grader.plugin.recorder import Example
    from grader.results import CheckResult
    from grader.sandbox.outside.transcript import CallRecord

MOST_WRITTEN_OUT = 12  # numbers of a tensor that stand in the script itself

_HEAD = '''"""Runs `{function}` on the smallest input that fails this check:

    {title}

Made by `grade debug {exercise}`, which writes it anew. Run it with your own Python or in your IDE: set breakpoints,
print what you like. Nothing is graded here.
"""

import importlib.util
import sys
from pathlib import Path

import torch

HERE = Path(__file__).parent

# Your code, as it is now.
sys.path.insert(0, {folder!r})
spec = importlib.util.spec_from_file_location("yours", {file!r})
yours = importlib.util.module_from_spec(spec)
spec.loader.exec_module(yours)
'''
_OF_THE_COURSE = """
# What builds the objects that the check passes.
sys.path.append({root!r})
from exercises._workbench import WORKBENCH  # noqa: E402

WORKBENCH.load_model()
"""


class _Values:
    """Values as Python expressions; tensors and pictures that are too long for one become files."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.tensors: dict[str, torch.Tensor] = {}
        self.pictures: dict[str, Image.Image] = {}
        self.needs_course = False

    def written(self, value: Any, key: str) -> str:
        """Return an expression for a value; `key` names it among the files."""
        match value:
            case Handle():
                self.needs_course = True
                given = [f"{name}={self.written(item, f'{key}.{name}')}" for name, item in value.arguments.items()]
                return f"WORKBENCH.recipes[{value.recipe!r}]({', '.join(given)})"
            case list() | tuple():
                items = [self.written(item, f"{key}.{index}") for index, item in enumerate(value)]
                inside = ", ".join(items)
                return f"[{inside}]" if isinstance(value, list) else f"({inside}{',' if len(items) == 1 else ''})"
            case dict():
                items = [f"{name!r}: {self.written(item, f'{key}.{name}')}" for name, item in value.items()]
                return "{" + ", ".join(items) + "}"
        return self._leaf(value, key)

    def _leaf(self, value: Any, key: str) -> str:
        match value:
            case torch.Tensor():
                return self._tensor(value, key)
            case torch.Generator():
                return f"torch.Generator().set_state({self._kept(value.get_state(), key)})"
            case np.ndarray() | np.generic():
                return f"{self._tensor(torch.from_numpy(np.ascontiguousarray(value)), key)}.numpy()"
            case Image.Image():
                self.pictures[key] = value
                return f"Image.open(HERE / {self.file_of(key)!r})"
            case float() if not math.isfinite(value):
                return f'float("{value}")'
        return repr(value)

    def file_of(self, key: str) -> str:
        """Return the name of a picture's file."""
        return f"{self._name}_{key}.png"

    def _tensor(self, tensor: torch.Tensor, key: str) -> str:
        plain = tensor.detach()
        text = self._literal(plain) if plain.numel() <= MOST_WRITTEN_OUT else self._kept(plain, key)
        if type(tensor) is torch.nn.Parameter:
            return f"torch.nn.Parameter({text}, requires_grad={tensor.requires_grad})"
        return f"{text}.requires_grad_()" if tensor.requires_grad else text

    def _literal(self, tensor: torch.Tensor) -> str:
        numbers = _numbers(_shortest(tensor.numpy()) if tensor.dtype == torch.float32 else tensor.tolist())
        dtype = "" if tensor.dtype == torch.float32 else f", dtype={tensor.dtype}"
        shape = f".reshape({tuple(tensor.shape)})" if tensor.numel() == 0 else ""
        return f"torch.tensor({numbers}{dtype or (', dtype=torch.float32' if tensor.numel() == 0 else '')}){shape}"

    def _kept(self, tensor: torch.Tensor, key: str) -> str:
        self.tensors[key] = tensor.contiguous().clone()
        return f"tensors[{key!r}]"


def _shortest(array: Any) -> Any:
    """Return numbers of float32 as nested lists, each as short as it can be written."""
    return float(str(array)) if array.ndim == 0 else [_shortest(item) for item in array]


def _numbers(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_numbers, value))}]"
    return repr(value) if not isinstance(value, float) or math.isfinite(value) else f'float("{value}")'


def script(
    exercise: Exercise, check: CheckResult, example: Example, *, file: Path, new_for_every_call: set[str]
) -> dict[str, bytes]:
    """Return a script that calls the functions in `file` as an example does, and what it reads: files by name."""
    name = exercise.name
    values = _Values(name)
    calls = [call for call in example.calls if not call.question.call.reader]
    lines: list[str] = []
    names: dict[str, Any] = {}
    for number, call in enumerate(calls, start=1):
        lines += _call(call, number, exercise, values, names, new_for_every_call, several=len(calls) > 1)
    lines += _comparison(calls[-1], len(calls), example, values)
    head = _HEAD.format(
        function=calls[-1].question.call.function,
        title=check.title,
        exercise=exercise.name,
        folder=str(file.parent),
        file=str(file),
    )
    if values.pictures:
        head = head.replace("import torch\n", "import torch\nfrom PIL import Image\n", 1)
    if values.needs_course:
        head += _OF_THE_COURSE.format(root=str(exercise.root))
    files = {values.file_of(key): _png(picture) for key, picture in values.pictures.items()}
    if values.tensors:
        head = head.replace("import torch\n", "import torch\nfrom safetensors.torch import load_file\n", 1)
        head += f"\ntensors = load_file(HERE / {f'{name}.safetensors'!r})\n"
        files[f"{name}.safetensors"] = save(values.tensors)
    return {f"{name}.py": (head + "\n" + "\n".join(lines) + "\n").encode(), **files}


def _call(
    call: CallRecord,
    number: int,
    exercise: Exercise,
    values: _Values,
    names: dict[str, Any],
    new_for_every_call: set[str],
    *,
    several: bool,
) -> list[str]:
    positional, named = call.question.arguments()
    function = call.question.call.function
    parameters = next((f.parameters for f in exercise.functions if f.name == function), ())
    keys = [*parameters, *(f"argument_{n + 1}" for n in range(len(parameters), len(positional)))][: len(positional)]
    lines = ["", f"# Call {number}." if several else "# The input."]
    for key, value in [*zip(keys, positional, strict=True), *named.items()]:
        new = isinstance(value, Handle) and value.recipe in new_for_every_call
        if new or key not in names or not same(names[key], value):
            lines.append(f"{key} = {values.written(value, f'{key}_{number}' if several else key)}")
            names[key] = value
    given = ", ".join([*keys, *(f"{key}={key}" for key in named)])
    result = f"result_{number}" if several else "result"
    lines += [
        "",
        f"torch.manual_seed({call.question.call.seed})  # as when it is graded",
        f"{result} = yours.{function}({given})",
        f'print("{"call " + str(number) if several else "yours"}:", {result})',
    ]
    return lines


def _comparison(call: CallRecord, count: int, example: Example, values: _Values) -> list[str]:
    if example.values is None:
        return []
    actual, expected = example.values
    result = f"result_{count}" if count > 1 else "result"
    lines = ["", f"expected = {values.written(expected, 'expected')}", 'print("expected:", expected)']
    if not same(call.result, actual):
        return [*lines, "# The check compares this with something that it takes or computes from your results."]
    if isinstance(expected, torch.Tensor) and isinstance(actual, torch.Tensor) and actual.shape == expected.shape:
        lines.append(f'print("largest difference:", ({result} - expected).abs().max().item())')
    return lines


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "png")
    return file.getvalue()


def first(checks: Sequence[CheckResult], names: Sequence[str]) -> CheckResult | None:
    """Return the failed check that helps most among those whose input is known, None if there is none."""
    return next((failure.check for failure in failures(checks) if failure.check.name in names), None)
