"""What is fuzzed: code that takes bytes from a submission, a course or a worker, and what it may raise.

Everything else that one of these raises is a fault: the judge would break on what somebody sent.
"""

from __future__ import annotations

import functools
import io
import json
import os
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np
import torch
from PIL import Image

from grader.course.finding import find_course
from grader.course.model import Function
from grader.course.rubric_reading import load_rubrics
from grader.errors import UsageError
from grader.sandbox.outside import session
from grader.sandbox.outside.failures import SubmissionError
from grader.sandbox.outside.remote import promised
from grader.sandbox.outside.transcript import CallRecord, Question
from grader.sandbox.reading import model_data
from grader.sandbox.wire import frames, messages, values
from grader.student_examples.reading import read_examples
from grader.submission.reading import read_texts
from helpers.course_factory import make_course
from helpers.notebooks import notebook

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.course.model import Course

CORPORA = Path(__file__).parent / "corpus"
_ANSWERS = msgspec.msgpack.Decoder(messages.FromWorker)
_SIZE_BYTES, _WITH_HEADER = 2, 0xFFFF
_KINDS = ("torch.Tensor", "int", "float", "None", "Image.Image", "dict[str, Any]")
_FUNCTIONS = [Function("double", ("number",), kind, "def double(number)") for kind in _KINDS]
_WORK = "def double(number):\n    return 2 * number\n"


class Target(NamedTuple):
    """Code that is fuzzed: `run` takes any bytes; `seeds` are some that it takes as they are meant."""

    run: Callable[[bytes], object]
    seeds: Callable[[], list[bytes]]


# --- what a worker answers -------------------------------------------------------------------------------------------


@functools.cache
def _question() -> Question:
    call = messages.Call(1, "double", [1], {"number": 2}, 0, True, 1.0, 1.0)
    return Question(call, frames.encode_frame(call, []))


def answers(data: bytes) -> None:
    """Read a frame of a worker as the judge does, to the value that a check gets.

    Two bytes before it say how long its structure is, in place of a header, which nothing would get past; 65,535 says
    that there is a header.
    """
    size = int.from_bytes(data[:_SIZE_BYTES], "big")
    body = data[_SIZE_BYTES:]
    header = b"" if size == _WITH_HEADER else frames.header(min(size, len(body)), max(0, len(body) - size))
    stream = io.BytesIO(header + body)
    try:
        received = frames.read_frame(stream.read)
        if received is None:
            return
        answer = session._bounded(frames.decode_structure(_ANSWERS, received.structure))
        if not isinstance(answer, messages.Returned):
            return
        result, arguments, keywords = session._decoded(_question(), answer, received.buffers)
    except frames.WireError:
        return
    for function in _FUNCTIONS:
        try:
            promised(function, CallRecord(_question(), result, arguments, keywords))
        except SubmissionError:
            continue


class _Choices:
    """Makes a value tree of bytes: each byte chooses what comes next, so that most trees are nearly right."""

    _SCALARS: tuple[object, ...] = (
        None, True, False, 0, 1, -1, 2, 3, 4, 2**31, 2**63 - 1, 1.5, float("nan"), float("inf"), "", "a", "\x1b[31m",
    )  # fmt: skip
    _WORDS = (
        *("list", "tuple", "dict", "tensor", "array", "scalar", "image", "generator", "handle", "opaque", "other"),
        *(
            "float32",
            "bool",
            "int64",
            "bfloat16",
            "complex64",
            "float3",
            "<f4",
            "|b1",
            "<c8",
            "|O8",
            "<U4",
            "RGB",
            "L",
            "I",
        ),
    )

    def __init__(self, data: bytes) -> None:
        self.left = data

    def byte(self) -> int:
        value = self.left[0] if self.left else 0
        self.left = self.left[1:]
        return value

    def tree(self, depth: int = 0) -> object:
        choice = self.byte()
        if choice < 96 or depth > 40 or not self.left:
            return self._SCALARS[choice % len(self._SCALARS)]
        if choice < 144:
            return self._WORDS[choice % len(self._WORDS)]
        made: list[object] = [self.tree(depth + 1) for _ in range(self.byte() % 6)]
        return made if choice > 232 else [self._WORDS[choice % len(self._WORDS)], *made]


def trees(data: bytes) -> None:
    """Read answers that are messages, with trees and bytes of tensors that are nearly right."""
    choices = _Choices(data)
    result, argument, keyword = (choices.tree() for _ in range(3))
    answer = messages.Returned(1, result, [argument], {"number": keyword}, "")
    try:
        frame = frames.encode_frame(answer, [choices.left])
    except (RecursionError, OverflowError):
        return
    answers(_WITH_HEADER.to_bytes(_SIZE_BYTES, "big") + frame)


def _tree_seeds() -> list[bytes]:
    words = _Choices._WORDS
    tags = [144 + (words.index(word) - 144) % len(words) for word in words[:11]]
    return [bytes([tag, count, 100, 2, 240, 1, 1, *range(64)]) for tag in tags for count in range(6)]


def _answer_seeds() -> list[bytes]:
    trained = torch.ones(2, requires_grad=True)
    trained.sum().backward()
    found = [
        1, -2.5, "text", None, True, [1, [2, (3, "x")]], {"a": 1, 2: [None]}, torch.arange(6).reshape(2, 3),
        torch.tensor(1.5), torch.ones(3, dtype=torch.bfloat16), torch.tensor([True, False]), trained,
        torch.nn.Parameter(torch.zeros(1)), np.arange(4.0), np.float32(2), np.array([1 + 2j]),
        Image.new("RGB", (2, 2), "red"), Image.new("L", (1, 3)), torch.Generator().manual_seed(1), object(), torch.zeros(0),
    ]  # fmt: skip
    frames_of = []
    for value in found:
        encoder = values.Encoder()
        answer = messages.Returned(1, encoder.tree(value), [1], {"number": 2}, "printed")
        frames_of.append(frames.encode_frame(answer, encoder.buffers))
    raised = messages.Raised(1, "ValueError", "no", [messages.Frame("a.py", 1, "f", "x")], "", False)
    frames_of += [frames.encode_frame(raised, []), frames.encode_frame(messages.Loaded("hello"), [])]
    marked = [_WITH_HEADER.to_bytes(_SIZE_BYTES, "big") + frame for frame in frames_of]
    sizes = [frames.read_header(frame[: frames.HEADER_BYTES]).structure for frame in frames_of]
    bare = [
        size.to_bytes(_SIZE_BYTES, "big") + f[frames.HEADER_BYTES :] for size, f in zip(sizes, frames_of, strict=True)
    ]
    return [*marked, *bare]


# --- what the process that reads hand-ins says -----------------------------------------------------------------------


def submissions(data: bytes) -> None:
    """Read a submission as the judge gets it from the child that has read the hand-in."""
    try:
        model_data.decode(memoryview(data))
    except frames.WireError:
        return


def _submission_seeds() -> list[bytes]:
    texts = ([("double.py", _WORK.encode())], [("a.ipynb", _NOTEBOOK)], [("notes.md", b"# double\nBecause.\n")], [])
    return [model_data.encode(read_texts("work", each)) for each in texts]


# --- what is handed in -----------------------------------------------------------------------------------------------

_NOTEBOOK = notebook(_WORK, "%%exercise double\n" + _WORK).encode()


def _read(name: str, data: bytes) -> None:
    try:
        read_texts("work", [(name, data)])
    except (UsageError, RecursionError, MemoryError):  # which end the child that reads, and say so
        return


def python(data: bytes) -> None:
    """Read a `.py` file."""
    _read("work.py", data)


def notebooks(data: bytes) -> None:
    """Read a notebook."""
    _read("work.ipynb", data)


def archives(data: bytes) -> None:
    """Read an archive."""
    _read("work.zip", data)


def texts(data: bytes) -> None:
    """Read answers in text, and to questions."""
    _read("double.md", data)
    _read("answers.toml", data)


def _python_seeds() -> list[bytes]:
    rest = [
        b"",
        b"\xff\xfe",
        b"x = (",
        b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
        b"class A:\n  def double(self): 0\n",
    ]
    return [_WORK.encode(), b"import torch\nfrom .a import b\nif 1:\n    double = lambda n: n\n", *rest]


def _notebook_seeds() -> list[bytes]:
    plain = json.loads(_NOTEBOOK)
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": plain["cells"]}]}
    return [_NOTEBOOK, json.dumps(old).encode(), b"{}", b"[]", b'{"cells": 1}', b'{"cells": [{"source": 1}]}']


def _archive_seeds() -> list[bytes]:
    found = []
    for compression in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", compression) as archive:
            archive.writestr("folder/double.py", _WORK)
            archive.writestr("work.ipynb", _NOTEBOOK)
        found.append(stream.getvalue())
    return found


def _text_seeds() -> list[bytes]:
    return [b"# double\nBecause.\n", b"**double**\n\n```\nx\n```\n", b'[answers]\nhow_many = "3"\n', b"how_many = 3\n"]


# --- the examples that students write ---------------------------------------------------------------------------------


def examples(data: bytes) -> None:
    """Read the examples of an exercise."""
    _, course = _course()
    try:
        read_examples("double.examples", data.decode("utf-8", "replace"), course.in_code[0])
    except UsageError:
        return


def _example_seeds() -> list[bytes]:
    return [
        b"double(2) == 4\nassert double(torch.tensor([1.0, 2.0])) == torch.tensor([2.0, 4.0])\n",
        b"double(torch.zeros(2, 3)) == torch.zeros(2, 3)\ndouble(-0.5) == -1.000\n",
        b"double(torch.ones(1, dtype=torch.float64) * 2 ** 3 / math.sqrt(2)) == 2 + math.pi\n",
        b"double({'a': [1, (2, None)]}) == {'a': [True, 'x']}\ndouble(float('inf')) == math.inf\n",
        b"double(torch.arange(4).reshape(2, 2)) == torch.full((2,), 3)\ndouble(torch.eye(2) @ torch.eye(2)) == 1\n",
    ]


# --- what a course says ----------------------------------------------------------------------------------------------


@functools.cache
def _course() -> tuple[Path, Course]:
    root = make_course(Path(tempfile.mkdtemp(prefix="fuzz-", dir=os.environ.get("XDG_RUNTIME_DIR"))))
    return root / "rubrics" / "numbers.toml", find_course(root)


def rubrics(data: bytes) -> None:
    """Read the rubric of a lesson."""
    path, course = _course()
    path.write_bytes(data)
    try:
        load_rubrics(course)
    except UsageError:
        return


def _rubric_seeds() -> list[bytes]:
    path, _ = _course()
    text = path.read_bytes()
    return [text, text.replace(b"10", b"1e400"), b"", text.replace(b"[[", b"[")]


TARGETS = {
    "answers": Target(answers, _answer_seeds),
    "trees": Target(trees, _tree_seeds),
    "submissions": Target(submissions, _submission_seeds),
    "python": Target(python, _python_seeds),
    "notebooks": Target(notebooks, _notebook_seeds),
    "archives": Target(archives, _archive_seeds),
    "texts": Target(texts, _text_seeds),
    "examples": Target(examples, _example_seeds),
    "rubrics": Target(rubrics, _rubric_seeds),
}
