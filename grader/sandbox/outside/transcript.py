"""The transcript of an exercise's calls: what was asked, in bytes that can be asked again, and what came back."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any

from grader.sandbox import limits
from grader.sandbox.wire import frames, messages, values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from grader.sandbox.outside.failures import SubmissionError, SubmissionStopped


@dataclass(frozen=True)
class Question:
    """A call as it was sent, which is enough to ask another worker the same."""

    call: messages.Call
    frame: bytes

    def arguments(self) -> tuple[list[Any], dict[str, Any]]:
        """Return the positional and the keyword arguments, as they were before the call."""
        decoder = values.Decoder(self.buffers())
        positional = [decoder.value(tree) for tree in self.call.arguments]
        return positional, {name: decoder.value(tree) for name, tree in self.call.keywords.items()}

    def buffers(self) -> memoryview:
        """Return the bytes of its tensors."""
        header = frames.read_header(self.frame[: frames.HEADER_BYTES])
        return memoryview(self.frame)[frames.HEADER_BYTES + header.structure :]

    def after(self, answer: messages.Returned) -> tuple[list[Any], dict[str, Any]]:
        """Return the trees of an answer's arguments; `WireError` unless they are just those it was asked for."""
        expected = (
            (len(self.call.arguments), self.call.keywords.keys()) if self.call.return_arguments else (0, {}.keys())
        )
        trees, named = answer.arguments or [], answer.keywords or {}
        if (len(trees), named.keys()) != expected:
            raise frames.WireError("other arguments than it was given")
        return trees, named


@dataclass(frozen=True)
class CallRecord:
    """One call: what was asked, and what came back."""

    question: Question
    result: Any = None
    arguments: tuple[Any, ...] = ()  # as they are after the call, if that was asked
    keywords: Mapping[str, Any] = field(default_factory=dict)
    error: SubmissionError | SubmissionStopped | None = None
    printed: str = ""
    seconds: float = 0.0
    answer_bytes: int = 0  # of tensors


class Transcript:
    """The calls of the example under test, and a bounded sample of those before it."""

    def __init__(self) -> None:
        self.example: list[CallRecord] = []
        self.asides: list[CallRecord] = []  # what was read during the example without being a part of it
        self.sample: list[CallRecord] = []
        self.listener: Callable[[CallRecord], None] | None = None  # is told of every call
        self._room = limits.SAMPLED_CALLS

    def add(self, call: CallRecord) -> None:
        """Add a call to the example under test."""
        self.example.append(call)
        if self.listener is not None:
            self.listener(call)

    def replayable(self) -> tuple[CallRecord, ...]:
        """Return the calls of the example under test for keeping, none if their data is large."""
        size = sum(len(call.question.frame) + call.answer_bytes for call in self.example)
        return tuple(self.example) if size < limits.KEPT_EXAMPLE_BYTES else ()

    def begin_check(self) -> None:
        """Start a new check."""
        self.begin_example()
        self._room = limits.SAMPLED_CALLS

    def begin_example(self) -> None:
        """Start a new example: put the calls of the last one among the sample."""
        # From the first on: a later call may meet what an earlier one did to an object in the worker.
        small = takewhile(
            lambda call: len(call.question.frame) + call.answer_bytes < limits.SAMPLED_BYTES, self.example
        )
        sampled = list(islice(small, self._room))
        self._room -= len(sampled)
        self.sample += sampled
        self.example = []
        self.asides = []
