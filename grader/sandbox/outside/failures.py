"""How a call to a submission can fail, in sentences for the student."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.sandbox.wire import messages


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


def _location(frame: messages.Frame) -> str:
    where = f" in `{frame.function}`" if frame.function and frame.function != "<module>" else ""
    return f"\n  {frame.file}, line {frame.line}{where}:\n      {frame.text}"
