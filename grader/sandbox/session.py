"""One submission's exercise under judgement: its workers, its lost time, and the transcript of every call."""

from __future__ import annotations

import time
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from grader.sandbox import frames, messages, wire
from grader.sandbox.client import Deadline, WorkerStopped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grader.sandbox.client import ForkServer, Worker

LOAD_CPU_SECONDS = 10.0  # a submission's own imports may be heavy
MAX_TIMEOUTS = 2  # afterwards the exercise's remaining calls are not tried
EXERCISE_CALLS = 40  # an exercise may take as long as so many calls at their deadline
SAMPLED_CALLS = 6  # calls of a check's earlier examples that the transcript keeps
SAMPLED_BYTES = 2**20

_CALLS = msgspec.msgpack.Decoder(messages.Call)


class SubmissionError(Exception):
    """The submission's function raised, or returned something of another kind; its text is for the student.

    `error` is the class name of the student's exception, "" if there was none.
    """

    def __init__(self, sentence: str, error: str = "", lines: Sequence[messages.Frame] = ()) -> None:
        self.sentence = sentence
        self.error = error
        self.lines = tuple(lines)
        super().__init__(sentence + "".join(_location(frame) for frame in self.lines))


class SubmissionStopped(BaseException):
    """The submission's process is gone, or its time is up.

    Derives from `BaseException` so that Hypothesis does not try the same input again and again.
    """

    def __init__(self, sentence: str, lines: Sequence[messages.Frame] = ()) -> None:
        self.sentence = sentence
        self.lines = tuple(lines)
        super().__init__(sentence + "".join(_location(frame) for frame in self.lines))


@dataclass(frozen=True)
class CallRecord:
    """One call: what was asked, and what came back."""

    function: str
    number: int  # its place in the example
    frame: bytes  # the request as it was sent: enough to ask another worker the same
    result: Any = None
    arguments: tuple[Any, ...] = ()  # as they are after the call, if that was asked
    keywords: Mapping[str, Any] = field(default_factory=dict)
    error: SubmissionError | SubmissionStopped | None = None
    printed: str = ""
    seconds: float = 0.0
    answer_bytes: int = 0  # of tensors

    def asked(self) -> tuple[list[Any], dict[str, Any]]:
        """Return the positional and the keyword arguments of the call, as they were before it."""
        header = frames.read_header(self.frame[: frames.HEADER_BYTES])
        body = memoryview(self.frame)[frames.HEADER_BYTES :]
        call = _CALLS.decode(body[: header.structure])
        decoder = wire.Decoder(body[header.structure :])
        arguments = [decoder.value(tree) for tree in call.arguments]
        return arguments, {name: decoder.value(tree) for name, tree in call.keywords.items()}


class Transcript:
    """The calls of the example under test, and a bounded sample of those before it."""

    def __init__(self) -> None:
        self.example: list[CallRecord] = []
        self.sample: list[CallRecord] = []
        self._room = SAMPLED_CALLS

    def begin_check(self) -> None:
        """Start a new check."""
        self.begin_example()
        self._room = SAMPLED_CALLS

    def begin_example(self) -> None:
        """Start a new example: put the calls of the last one among the sample."""
        small = [call for call in self.example if len(call.frame) + call.answer_bytes < SAMPLED_BYTES]
        sampled = small[: self._room]
        self._room -= len(sampled)
        self.sample += sampled
        self.example = []


class Session:
    """Calls one submission's functions for one exercise, in a worker of its own that is replaced when it stops."""

    def __init__(
        self,
        server: ForkServer,
        files: Mapping[str, str],
        modules: Mapping[str, str],
        *,
        call_seconds: float,
        forbidden: Sequence[str] = (),
    ) -> None:
        """`files`: relative path to text; `modules`: function name to the file that defines it."""
        self.transcript = Transcript()
        self._server = server
        self._files = files
        self._modules = modules
        self._deadline = Deadline(call_seconds)
        self._forbidden = list(forbidden)
        self._worker: Worker | None = None
        self._unusable: SubmissionStopped | None = None
        self._timeouts = 0
        self._seconds_left = EXERCISE_CALLS * call_seconds

    def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def call(
        self, function: str, arguments: Sequence[Any], keywords: Mapping[str, Any], *, return_arguments: bool = False
    ) -> CallRecord:
        """Call a function of the submission and return the record, which is also added to the transcript."""
        encoder = wire.Encoder()
        trees = [encoder.tree(value) for value in arguments]
        named = {name: encoder.tree(value) for name, value in keywords.items()}
        number = len(self.transcript.example) + 1
        # From the call's content and its place in the example: a replayed example meets the same random numbers, an
        # equal call asked twice within one does not, so that unseeded randomness shows.
        seed = zlib.crc32(b"".join(encoder.buffers), zlib.crc32(repr((function, trees, named, number)).encode()))
        message = messages.Call(
            number=number,
            function=function,
            arguments=trees,
            keywords=named,
            seed=seed,
            return_arguments=return_arguments,
            cpu_seconds=self._deadline.cpu_seconds,
            wall_seconds=self._deadline.wall_seconds,
        )
        return self.replay(function, number, frames.encode_frame(message, encoder.buffers))

    def replay(self, function: str, number: int, frame: bytes) -> CallRecord:
        """Send a call's frame, perhaps one that was recorded with another submission."""
        if self._unusable is not None:
            raise self._unusable
        started = time.perf_counter()
        record = self._record(function, number, frame, started)
        self._seconds_left -= record.seconds
        if self._seconds_left < 0:
            self._unusable = SubmissionStopped("Not run: this exercise's calls took too long altogether.")
        self.transcript.example.append(record)
        return record

    def _record(self, function: str, number: int, frame: bytes, started: float) -> CallRecord:
        def failed(error: SubmissionError | SubmissionStopped, printed: str = "") -> CallRecord:
            printed = frames.printable(printed)
            return CallRecord(
                function, number, frame, error=error, printed=printed, seconds=time.perf_counter() - started
            )

        try:
            answer, buffers = self._ask(frame)
            if not isinstance(answer, messages.Returned | messages.Raised) or answer.number != number:
                raise frames.WireError("an answer to another question")
            if isinstance(answer, messages.Raised):
                return failed(self._raised(function, answer), answer.printed)
            decoder = wire.Decoder(buffers)
            result = decoder.value(answer.result)
            arguments = tuple(decoder.value(tree) for tree in answer.arguments or ())
            keywords = {name: decoder.value(tree) for name, tree in (answer.keywords or {}).items()}
            decoder.finish()
        except frames.WireError as error:
            self.close()
            return failed(SubmissionStopped(f"`{function}` answered with something that is no data: {error}."))
        except WorkerStopped as stopped:
            self.close()
            if stopped.out_of_time:
                self._count_timeout()
            return failed(SubmissionStopped(f"`{function}` {stopped}"))
        return CallRecord(
            function,
            number,
            frame,
            result,
            arguments,
            keywords,
            printed=frames.printable(answer.printed),
            seconds=time.perf_counter() - started,
            answer_bytes=len(buffers),
        )

    def _raised(self, function: str, raised: messages.Raised) -> SubmissionError | SubmissionStopped:
        lines = [_clean(frame) for frame in raised.frames]
        if raised.stopped:
            self.close()
            self._count_timeout()
            return SubmissionStopped(f"`{function}` {self._deadline.passed(raised.message)}", lines)
        if raised.error == "WireError":
            return SubmissionError(f"`{function}` returned too much: {frames.printable(raised.message)}.")
        if raised.error == "NotImplementedError" and not raised.message:
            return SubmissionError(f"`{function}` is not written yet.", raised.error)
        return SubmissionError(f"`{function}` raised {_said(raised)}", raised.error, lines)

    def _count_timeout(self) -> None:
        self._timeouts += 1
        if self._timeouts >= MAX_TIMEOUTS:
            self._unusable = SubmissionStopped(
                f"Not run: {self._timeouts} calls before this one had to be stopped because their time was up."
            )

    def _ask(self, frame: bytes) -> tuple[Any, memoryview]:
        if self._worker is None:
            self._worker = self._load()
        return self._worker.ask(frame, self._deadline)

    def _load(self) -> Worker:
        lifetime = LOAD_CPU_SECONDS + EXERCISE_CALLS * self._deadline.cpu_seconds
        worker = self._server.spawn(self._files, cpu_seconds=int(lifetime))
        deadline = Deadline(LOAD_CPU_SECONDS)
        message = messages.Load(dict(self._modules), self._forbidden, deadline.cpu_seconds, deadline.wall_seconds)
        try:
            answer, _ = worker.ask(frames.encode_frame(message, []), deadline)
        except (WorkerStopped, frames.WireError) as error:
            why = error if isinstance(error, WorkerStopped) else f"answered with something that is no data: {error}."
            self._unusable = SubmissionStopped(f"Importing your file failed: it {why}")
            raise self._unusable from error
        if isinstance(answer, messages.Raised):
            worker.close()
            self._unusable = _not_importable(answer)
            raise self._unusable
        return worker


def _not_importable(raised: messages.Raised) -> SubmissionStopped:
    lines = [_clean(frame) for frame in raised.frames]
    if raised.stopped:
        reason = Deadline(LOAD_CPU_SECONDS).passed(raised.message)
        return SubmissionStopped(f"Importing your file {reason} Code outside the functions runs at once.", lines)
    return SubmissionStopped(f"Importing your file raised {_said(raised)}", lines)


def _said(raised: messages.Raised) -> str:
    return frames.printable(f"{raised.error}: {raised.message}".removesuffix(": "))


def _clean(frame: messages.Frame) -> messages.Frame:
    printable = frames.printable
    return messages.Frame(printable(frame.file), frame.line, printable(frame.function), printable(frame.text))


def _location(frame: messages.Frame) -> str:
    where = f" in `{frame.function}`" if frame.function and frame.function != "<module>" else ""
    return f"\n  {frame.file}, line {frame.line}{where}:\n      {frame.text}"
