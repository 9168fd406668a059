"""One submission's exercise under judgement: its workers and its lost time."""

from __future__ import annotations

import time
import zlib
from typing import TYPE_CHECKING, Any

import msgspec

from grader.sandbox import limits
from grader.sandbox.outside.deadline import Deadline
from grader.sandbox.outside.failures import SubmissionError, SubmissionStopped
from grader.sandbox.outside.importing import Importable
from grader.sandbox.outside.transcript import CallRecord, Question, Transcript
from grader.sandbox.outside.workbench_file import PLAIN, workbench_of
from grader.sandbox.outside.worker_handle import WorkerEnded, WorkerStopped
from grader.sandbox.wire import frames, messages, values
from grader.submission.model import NOT_WRITTEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grader.sandbox.outside.server import ForkServer
    from grader.sandbox.outside.worker_handle import WorkerHandle
    from grader.sandbox.workbench import Workbench
    from grader.submission.slices import MayFail, Place, Taken

_OF_YOURS = "the process that ran your code"


class Session:
    """Calls one submission's functions for one exercise, in a worker of its own that is replaced when it stops."""

    _has_many_copies = False  # of each function

    def __init__(
        self,
        server: ForkServer,
        files: Mapping[str, str],
        modules: Mapping[str, str],
        *,
        call_seconds: float,
        forbidden: Sequence[str] = (),
        equipment: messages.Equipment = PLAIN,
        places: Mapping[str, Sequence[Place]] | None = None,
        left_out: Mapping[str, str] | None = None,
        optional: Mapping[str, Sequence[MayFail]] | None = None,
        definitions: Mapping[str, Taken] | None = None,
        unfilled: Mapping[str, str] | None = None,
    ) -> None:
        """`files`: relative path to text; `modules`: function name to the file that defines it.

        `equipment` is what stands beside the submission; the fork server gets what it lacks of it. `places` says of
        files that were made from others where each of their lines comes from (what to call that file, and the line in
        it), and `optional` which of these may be left out; `left_out`, why names that such a file lacks are missing.
        `definitions` are what is imported instead of a file if other code in it fails. Functions that are
        `unfilled` are not called: the sentence says which blanks are left.
        """
        self.transcript = Transcript()
        self._server = server
        self._importable = Importable(files, places or {}, left_out or {}, optional or {}, definitions or {})
        self._modules = modules
        self._unfilled = unfilled or {}
        self._deadline = Deadline(call_seconds)
        self._forbidden = list(forbidden)
        self._equipment = equipment
        self._worker: WorkerHandle | None = None
        self._ended_cpu_seconds = 0.0
        self._unusable: SubmissionStopped | None = None
        self.was_imported = False
        self._timeouts = 0
        self._seconds_left = self._most_cpu_seconds = limits.EXERCISE_CALLS * call_seconds

    def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._worker.close()
            self._ended_cpu_seconds += self._worker.cpu_seconds
            self._worker = None

    @property
    def imported_files(self) -> Mapping[str, str]:
        """The files as workers import them: without code that has failed and that no function needs."""
        return self._importable.files

    def in_place(self, file: str, line: int) -> Place:
        """Return where a line of an imported file comes from: what the student knows that file as, and the line."""
        return self._importable.place_of(file, line)

    @property
    def cpu_seconds(self) -> float:
        """The CPU seconds that its workers have used."""
        return self._ended_cpu_seconds + (self._worker.cpu_seconds if self._worker is not None else 0.0)

    def call(
        self,
        function: str,
        arguments: Sequence[Any],
        keywords: Mapping[str, Any],
        *,
        return_arguments: bool = False,
        backward: bool = False,
        reader: bool = False,
        aside: bool = False,
    ) -> CallRecord:
        """Call a function of the submission and return the record, which is added to the transcript unless `aside`.

        With `backward`, the worker goes back from the result to the gradients; with `reader`, it is one of the
        workbench's readers that is called and not the submission. Raises `LookupError` for the handle of a recipe that
        the workbench does not have.
        """
        encoder = values.Encoder()
        trees = [encoder.tree(value) for value in arguments]
        named = {name: encoder.tree(value) for name, value in keywords.items()}
        for recipe in sorted(encoder.recipes):
            self._require(recipe)
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
            backward=backward,
            reader=reader,
            cpu_seconds=self._deadline.cpu_seconds,
            wall_seconds=self._deadline.wall_seconds,
        )
        return self.ask(Question(message, frames.encode_frame(message, encoder.buffers)), aside=aside)

    @property
    def workbench(self) -> Workbench:
        """What the course has beside the submission."""
        return workbench_of(self._equipment.workbench)

    def _require(self, recipe: str) -> None:
        known = self.workbench.recipes
        if recipe not in known:
            raise LookupError(f"There is no recipe `{recipe}`, only: {', '.join(known) or 'none'}.")

    def ask(self, question: Question, *, aside: bool = False) -> CallRecord:
        """Make a call, perhaps one that was recorded with another submission."""
        if self._unusable is not None:
            raise self._unusable
        if self._worker is None:
            self._server.prepare(self._equipment)  # which is not the submission's time
        started = time.perf_counter()
        record = self._record(question, started)
        self._seconds_left -= record.seconds
        if self._seconds_left < 0 or self.cpu_seconds > self._most_cpu_seconds:
            self._unusable = SubmissionStopped("Not run: this exercise's calls took too long altogether.")
        if aside:
            self.transcript.asides.append(record)
        else:
            self.transcript.add(record)
        return record

    def _record(self, question: Question, started: float) -> CallRecord:
        function = question.call.function

        def failed(error: SubmissionError | SubmissionStopped, printed: str = "") -> CallRecord:
            return CallRecord(question, error=error, printed=printed, seconds=time.perf_counter() - started)

        if not question.call.reader and (why := self._unfilled.get(function)):
            return failed(SubmissionError(why, "NotImplementedError"))
        try:
            answer, buffers = self._exchange(question.frame)
            if not isinstance(answer, messages.Returned | messages.Raised) or answer.number != question.call.number:
                raise frames.WireError("an answer to another question")
            if isinstance(answer, messages.Raised):
                return failed(self._raised(function, answer), answer.printed)
            result, arguments, keywords = _decoded(question, answer, buffers)
        except frames.WireError as error:
            self.close()
            return failed(SubmissionStopped(f"`{function}` sent back something that cannot be read: {error}."))
        except WorkerStopped as stopped:
            if stopped.out_of_time:
                self._count_timeout()
            why = f"did not return: {_OF_YOURS} {stopped}" if isinstance(stopped, WorkerEnded) else str(stopped)
            return failed(SubmissionStopped(f"`{function}` {why}"))
        return CallRecord(
            question,
            result,
            arguments,
            keywords,
            printed=answer.printed,
            seconds=time.perf_counter() - started,
            answer_bytes=len(buffers),
        )

    def _raised(self, function: str, raised: messages.Raised) -> SubmissionError | SubmissionStopped:
        lines = self._importable.in_place(raised.frames)
        if raised.stopped:
            self.close()
            self._count_timeout()
            return SubmissionStopped(f"`{function}` {self._deadline.passed(raised.message)}", lines)
        if not raised.called:
            return SubmissionError(f"`{function}` was not called: its arguments could not be made ({_said(raised)}).")
        if raised.error == "WireError":
            return SubmissionError(f"`{function}` returned too much: {raised.message}.")
        if raised.error == "NotImplementedError" and not raised.message:
            return SubmissionError(f"`{function}` {NOT_WRITTEN}", raised.error)
        return SubmissionError(f"`{function}` raised {_said(raised)}{self._hint(raised)}", raised.error, lines)

    def _hint(self, raised: messages.Raised) -> str:
        hint = self._importable.hint(raised)
        return f". {hint}" if hint else ""

    def _count_timeout(self) -> None:
        self._timeouts += 1
        if self._timeouts >= limits.MAX_TIMEOUTS:
            self._unusable = SubmissionStopped(
                f"Not run: {self._timeouts} calls before this one had to be stopped because their time was up."
            )

    def _exchange(self, frame: bytes) -> tuple[Any, memoryview]:
        if self._worker is None:
            self._worker = self._load()
        try:
            answer, buffers = self._worker.ask(frame, self._deadline)
        except BaseException:
            self.close()
            raise
        return _bounded(answer), buffers

    def _load(self) -> WorkerHandle:
        """Return a worker that has imported the submission, without code that fails and that no function needs."""
        trials = stopped = 0
        started = time.monotonic()
        while True:
            worker, answer = self._try_to_load()
            if isinstance(answer, messages.Loaded):
                self.was_imported = True
                return worker
            worker.close()
            self._ended_cpu_seconds += worker.cpu_seconds
            if not isinstance(answer, messages.Raised):
                why = _why_not_imported(frames.WireError("an answer to another question"))
                self._unusable = SubmissionStopped(f"Importing your file failed: {why}")
                raise self._unusable
            raised = _bounded(answer)
            failed = self._not_importable(raised)
            trials += 1
            stopped += raised.stopped
            tired = trials >= limits.LOAD_TRIALS or stopped >= limits.MAX_TIMEOUTS
            tired |= time.monotonic() - started > Deadline(limits.LOAD_CPU_SECONDS).wall_seconds
            if tired or not self._importable.without_failing(raised):
                self._unusable = failed
                raise failed

    def _try_to_load(self) -> tuple[WorkerHandle, Any]:
        lifetime = limits.LOAD_CPU_SECONDS + limits.EXERCISE_CALLS * self._deadline.cpu_seconds
        worker = self._server.spawn(self._importable.files, int(lifetime), self._forbidden, self._equipment)
        deadline = Deadline(limits.LOAD_CPU_SECONDS)
        message = messages.Load(
            dict(self._modules), self._forbidden, deadline.cpu_seconds, deadline.wall_seconds, self._has_many_copies
        )
        try:
            return worker, worker.load(message, deadline)
        except (WorkerStopped, frames.WireError) as error:
            self._unusable = SubmissionStopped(f"Importing your file failed: {_why_not_imported(error)}")
            raise self._unusable from error

    def _not_importable(self, raised: messages.Raised) -> SubmissionStopped:
        lines = self._importable.in_place(raised.frames)
        if raised.stopped:
            reason = Deadline(limits.LOAD_CPU_SECONDS).passed(raised.message)
            return SubmissionStopped(f"Importing your file {reason} Code outside the functions runs at once.", lines)
        return SubmissionStopped(f"Importing your file raised {_said(raised)}{self._hint(raised)}", lines)


def _why_not_imported(error: WorkerStopped | frames.WireError) -> str:
    if isinstance(error, frames.WireError):
        return f"it sent back something that cannot be read: {error}."
    return f"{_OF_YOURS if isinstance(error, WorkerEnded) else 'it'} {error}"


def _decoded(
    question: Question, answer: messages.Returned, buffers: memoryview
) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
    """Return the values of an answer: the result, and the arguments as they are afterwards; else raise `WireError`."""
    decoder = values.Decoder(buffers)
    try:
        result = decoder.value(answer.result)
        trees, named = question.after(answer)
        arguments = tuple(decoder.value(tree) for tree in trees)
        keywords = {name: decoder.value(tree) for name, tree in named.items()}
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
        # The limits of the wire allow it, and a library refuses it. Only the worker decides what it sends.
        raise frames.WireError(f"values that make no sense ({type(error).__name__})") from error
    decoder.finish()
    return result, arguments, keywords


def _said(raised: messages.Raised) -> str:
    return f"{raised.error}: {raised.message}".removesuffix(": ")


def _bounded(answer: Any) -> Any:
    """Return a worker's answer with texts of the length it should have kept to, and without control characters."""

    def text(value: str, most: int) -> str:
        return frames.without_controls(value[:most])

    if isinstance(answer, messages.Returned):
        return msgspec.structs.replace(answer, printed=text(answer.printed, limits.MAX_PRINTED))
    if isinstance(answer, messages.Raised):
        return msgspec.structs.replace(
            answer,
            error=text(answer.error, limits.MAX_NAME),
            message=text(answer.message, limits.MAX_MESSAGE),
            printed=text(answer.printed, limits.MAX_PRINTED),
            importing=[(text(file, limits.MAX_NAME), line) for file, line in answer.importing[: limits.MAX_IMPORTING]],
            frames=[
                messages.Frame(
                    text(frame.file, limits.MAX_NAME),
                    frame.line,
                    text(frame.function, limits.MAX_NAME),
                    text(frame.text, limits.MAX_MESSAGE),
                )
                for frame in answer.frames[-limits.MAX_TRACEBACK_LINES :]
            ],
        )
    return answer
