"""A submission's functions as a check calls them: like plain functions, with the boundary out of sight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image

from grader.sandbox.outside.answer_types import type_test
from grader.sandbox.outside.failures import SubmissionError, SubmissionStopped
from grader.sandbox.wire.values import Opaque

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from grader.course.model import Function
    from grader.sandbox.outside.session import Session
    from grader.sandbox.outside.transcript import CallRecord


@dataclass(frozen=True)
class Observed:
    """A call with everything that can be seen of it: `arguments` are the values as they are after the call."""

    result: Any
    arguments: Mapping[str, Any]
    printed: str


class RemoteSubmission:
    """Has one attribute a function of the exercise: `submission.double(2)`.

    `submission.read` looks at objects in the worker: `submission.read.calls(model)`. So does `submission.aside`, for
    what only explains a failure: known mistakes are compared with what the submission did, and that is not part of it.
    """

    def __init__(self, session: Session, functions: tuple[Function, ...]) -> None:
        self.read = Readers(session)
        self.aside = Readers(session, aside=True)
        self._functions = {function.name: RemoteFunction(session, function) for function in functions}

    def __getattr__(self, name: str) -> RemoteFunction:
        """Return the function of that name; raise `AttributeError` if the stub has none."""
        try:
            return self._functions[name]
        except KeyError:
            known = ", ".join(self._functions)
            raise AttributeError(f"This exercise's stub has no function `{name}`, only: {known}.") from None


class Readers:
    """Has one attribute a reader of the course's workbench, each a function of handles and data that returns data.

    What they return is the worker's word, like any result of the submission: one that is not of the type that the
    reader promises is the submission's doing, and raises `SubmissionError`.
    """

    def __init__(self, session: Session, *, aside: bool = False) -> None:
        self._session = session
        self._aside = aside

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return the reader of that name; raise `AttributeError` if there is none."""
        readers = self._session.workbench.readers
        if name not in readers:
            raise AttributeError(f"There is no reader `{name}`, only: {', '.join(readers)}.")
        is_as_promised = type_test(readers[name].returns)

        def read(*arguments: Any, **keywords: Any) -> Any:
            __tracebackhide__ = True
            record = self._session.call(name, arguments, keywords, reader=True, aside=self._aside)
            if record.error is not None:
                raise record.error
            if not is_as_promised(record.result):
                raise SubmissionError(f"What `{name}` should show of an object cannot be read any more.")
            return record.result

        return read


class RemoteFunction:
    """One function of a submission; calling it raises `SubmissionError` where the student's code does.

    Arguments are passed by position wherever they can be: what a student calls them is the student's business. The
    caller's own values are never changed by a call.
    """

    def __init__(self, session: Session, function: Function) -> None:
        self._session = session
        self._function = function

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Return the result, converted to the kind that the stub's annotation promises."""
        __tracebackhide__ = True
        return self._call(arguments, keywords).result

    def called_with(self, *arguments: Any, **keywords: Any) -> Observed:
        """Call the function and return the result with the arguments as they are afterwards."""
        __tracebackhide__ = True
        return self._call(arguments, keywords, return_arguments=True)

    def backward(self, *arguments: Any, **keywords: Any) -> Observed:
        """Call the function, go back from the scalar tensor that it returns, and observe the gradients it left.

        Raises `SubmissionError` if the result has no graph to go back through.
        """
        __tracebackhide__ = True
        return self._call(arguments, keywords, return_arguments=True, backward=True)

    def _call(
        self,
        arguments: tuple[Any, ...],
        keywords: dict[str, Any],
        *,
        return_arguments: bool = False,
        backward: bool = False,
    ) -> Observed:
        __tracebackhide__ = True
        positional, named = by_position(self._function, arguments, keywords)
        record = self._session.call(
            self._function.name, positional, named, return_arguments=return_arguments, backward=backward
        )
        if record.error is not None:
            raise _explained(record.error, self._function)
        if backward and not (isinstance(record.result, torch.Tensor) and record.result.requires_grad):
            raise SubmissionError(
                f"`{self._function.name}` returned {kind_of(record.result)} that no gradient can flow back from; it "
                "must return a scalar tensor with its graph (no `item()`, `detach()` or `no_grad`)."
            )
        return Observed(promised(self._function, record), self._after(record), record.printed)

    def _after(self, record: CallRecord) -> dict[str, Any]:
        return {**dict(zip(self._function.parameters, record.arguments, strict=False)), **record.keywords}


def by_position(
    function: Function, arguments: tuple[Any, ...], keywords: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """Return the arguments of a call with as many of the keywords as possible turned into positions."""
    positional, named = list(arguments), dict(keywords)
    for name in function.parameters[len(positional) :]:
        if name not in named:
            break
        positional.append(named.pop(name))
    return positional, named


def _explained(error: SubmissionError | SubmissionStopped, function: Function) -> BaseException:
    """Say how a function is called where the error is that it cannot be called like that."""
    if isinstance(error, SubmissionError) and error.error == "TypeError" and not error.lines:
        return SubmissionError(f"{error.sentence}. It is called as in the statement: {function.signature}", error.error)
    return error


def promised(function: Function, record: CallRecord) -> Any:
    """Return a call's result as the kind that the stub's annotation promises, if it is of that kind in any spelling.

    NumPy's numbers and tensors with one element count as numbers, a `Parameter` as a tensor; what is returned by a
    function that promises None is ignored. Raises `SubmissionError` for anything else.
    """
    if isinstance(record.result, Opaque) and record.result.type_name == function.name:
        raise SubmissionError(f"`{function.name}` is a class; it must be a function.")
    convert = _CONVERSIONS.get(function.returns)
    if convert is None:
        return record.result
    converted = convert(record.result)
    if converted is None and function.returns != "None":
        found = kind_of(record.result)
        hint = " Is its `return` missing, or is its end reached without one?" if record.result is None else ""
        raise SubmissionError(f"`{function.name}` returned {found}; it must return {_KINDS[function.returns]}.{hint}")
    return converted


def kind_of(value: Any) -> str:
    """Return what a value is, as the end of "returned ..."."""
    if value is None:
        return "None"
    name = value.type_name if isinstance(value, Opaque) else type(value).__name__
    if name == "ndarray":
        return "a NumPy array"
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def _tensor(value: Any) -> torch.Tensor | None:
    return value.detach() if isinstance(value, torch.Tensor) else None


def _number(value: Any, kinds: tuple[type, ...]) -> Any:
    if isinstance(value, torch.Tensor) and value.ndim == 0:
        value = value.item()
    if isinstance(value, np.generic):
        value = value.item()
    return value if isinstance(value, kinds) and not isinstance(value, bool) else None


def _int(value: Any) -> int | None:
    number = _number(value, (int,))
    return None if number is None else int(number)


def _float(value: Any) -> float | None:
    number = _number(value, (int, float))
    return None if number is None else float(number)


def _image(value: Any) -> Image.Image | None:
    return value if isinstance(value, Image.Image) else None


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "torch.Tensor": _tensor, "Tensor": _tensor, "int": _int, "float": _float, "None": lambda _value: None,
    "Image.Image": _image, "PIL.Image.Image": _image,
}  # fmt: skip
_KINDS = {
    "torch.Tensor": "an ordinary torch.Tensor",
    "Tensor": "an ordinary torch.Tensor",
    "int": "an int",
    "float": "a float",
    "Image.Image": "a PIL image",
    "PIL.Image.Image": "a PIL image",
}
