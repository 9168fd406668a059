"""Runs a submission's functions in a forked, confined process and answers the judge's calls.

Whatever this process says is the submission's word: the judge believes none of it and compares.
"""

from __future__ import annotations

import builtins
import collections
import functools
import importlib.util
import io
import os
import random
import signal
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec
import numpy.random  # which NumPy itself imports when it is first used, in every worker anew
import torch

from grader.sandbox import limits
from grader.sandbox.inside.emptying import empty
from grader.sandbox.wire import frames, messages, values
from grader.sandbox.wire.printed import end_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from types import FrameType

    from grader.sandbox.wire.handles import Handle
    from grader.sandbox.workbench import Workbench


_PACKAGE = "submission"


class _TimeUp(BaseException):
    """The call's time is up; raised inside the submission's own code, so that its line is known."""


class _Printed(io.TextIOBase):
    """Standard output and error of the submission: the last characters are kept, the rest is counted."""

    def __init__(self) -> None:
        self._parts: collections.deque[str] = collections.deque()
        self._kept = self._left_out = 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        part = text[-limits.MAX_PRINTED :]
        self._left_out += len(text) - len(part)
        self._parts.append(part)
        self._kept += len(part)
        while self._kept - len(self._parts[0]) >= limits.MAX_PRINTED:
            dropped = len(self._parts.popleft())
            self._kept -= dropped
            self._left_out += dropped
        return len(text)

    def take(self) -> str:
        text = end_of("".join(self._parts), limits.MAX_PRINTED, left_out=self._left_out)
        self._parts.clear()
        self._kept = self._left_out = 0
        return text.encode("utf-8", "replace").decode("utf-8")


class _ForbiddenImports:
    """Refuses the modules that the exercise's statement tells students not to use."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG002 - the import protocol
        if forbidden := _is_forbidden(name, self._names):
            raise ImportError(
                f"`{forbidden}` may not be imported in this exercise: its statement asks you to write "
                "the computation yourself.",
                name=name,
            )
        return None


class Worker:
    """Answers one judge over one channel until it is closed."""

    def __init__(self, channel: int, source: str, workbench: Workbench) -> None:
        self._channel = channel
        self._source = source
        self._printed = _Printed()
        self._functions: dict[str, Callable[..., Any]] = {}
        self._readers = workbench.readers
        self._objects = _Objects(workbench)
        self._decoder = msgspec.msgpack.Decoder(messages.Call)

    def begin(self) -> bool:
        """Do what comes before the submission's first line, and say `Began`; return False if the judge has hung up.

        Whatever breaks here is the grader's own fault.
        """
        frame = self._receive()
        if frame is None:
            return False
        self._load = msgspec.msgpack.decode(frame.structure, type=messages.Load)
        self._objects.given_again = self._load.many_copies
        _forbid(self._load.forbidden)
        sys.stdout = sys.stderr = self._printed
        builtins.display = _display  # type: ignore[attr-defined]  # as in every notebook
        self._send(messages.Began(), [])
        return True

    def serve(self) -> None:
        """Import the submission's files, then answer calls until the judge hangs up."""
        self._send(*self._import(self._load))
        while (frame := self._receive()) is not None:
            call = self._decoder.decode(frame.structure)
            self._objects.prepare(call)
            answer, buffers = self._call(call, values.Decoder(frame.buffers, self._objects.resolve))
            try:
                self._send(answer, buffers)
            except frames.WireError as error:  # nothing of it is sent yet
                self._send(self._raised(call.number, error), [])

    # --- one message ---

    def _import(self, load: messages.Load) -> tuple[msgspec.Struct, list[bytes]]:
        try:
            with _Deadline(load.cpu_seconds, load.wall_seconds):
                for name, file in load.modules.items():
                    function = getattr(_import_file(Path(self._source), file), name)
                    if not callable(function):  # somebody's trial has taken the name
                        said = f"`{name}` is not a function but of type {type(function).__name__}"
                        return messages.Raised(
                            0, "TypeError", said, [], self._printed.take(), False, importing=[(file, 0)]
                        ), []
                    self._functions[name] = function
        except BaseException as error:
            return self._raised(0, error), []
        return messages.Loaded(self._printed.take()), []

    def _call(self, call: messages.Call, decoder: values.Decoder) -> tuple[msgspec.Struct, list[bytes]]:
        try:  # recipes build objects here
            arguments = [decoder.value(tree) for tree in call.arguments]
            keywords = {name: decoder.value(tree) for name, tree in call.keywords.items()}
        except Exception as error:
            return msgspec.structs.replace(self._raised(call.number, error), called=False), []
        random.seed(call.seed)
        numpy.random.seed(call.seed)  # the global one is what students use
        torch.default_generator.manual_seed(call.seed)
        encoder = values.Encoder(self._objects.handles())
        function = self._readers[call.function].function if call.reader else self._functions[call.function]
        try:
            with _Deadline(call.cpu_seconds, call.wall_seconds):
                returned = function(*arguments, **keywords)
                if call.backward and isinstance(returned, torch.Tensor) and returned.requires_grad:
                    returned.backward()  # type: ignore[no-untyped-call]
                result = encoder.tree(returned)
                after = [encoder.tree(value) for value in arguments] if call.return_arguments else None
                named = (
                    {name: encoder.tree(value) for name, value in keywords.items()} if call.return_arguments else None
                )
        except BaseException as error:
            return self._raised(call.number, error), []
        return messages.Returned(call.number, result, after, named, self._printed.take()), encoder.buffers

    def _raised(self, number: int, error: BaseException) -> messages.Raised:
        stopped = isinstance(error, _TimeUp)
        own = [] if isinstance(error, frames.WireError) else list(self._own_frames(error))
        own = [frame for before, frame in zip([None, *own], own, strict=False) if frame != before]  # recursion
        return messages.Raised(
            number,
            type(error).__name__,
            _text_of(error),
            own[-limits.MAX_TRACEBACK_LINES :],
            self._printed.take(),
            stopped,
            importing=[(frame.file, frame.line) for frame in own if frame.function == "<module>"][
                : limits.MAX_IMPORTING
            ],
        )

    def _own_frames(self, error: BaseException) -> Iterator[messages.Frame]:
        root = self._source + os.sep
        for frame in traceback.extract_tb(error.__traceback__):
            if frame.filename.startswith(root):
                file = Path(frame.filename).relative_to(self._source).as_posix()
                yield messages.Frame(file, frame.lineno or 0, frame.name, (frame.line or "")[: limits.MAX_MESSAGE])
        if isinstance(error, SyntaxError) and (error.filename or "").startswith(root):
            file = Path(str(error.filename)).relative_to(self._source).as_posix()
            yield messages.Frame(file, error.lineno or 0, "", (error.text or "").strip()[: limits.MAX_MESSAGE])

    # --- the channel ---

    def _receive(self) -> frames.Received | None:
        return frames.read_frame(functools.partial(os.read, self._channel))

    def _send(self, message: msgspec.Struct, buffers: list[bytes]) -> None:
        data = memoryview(frames.encode_frame(message, buffers))
        while data:
            data = data[os.write(self._channel, data) :]


class _Objects:
    """The objects that handles stand for, while an example lasts."""

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self._made: dict[bytes, tuple[Handle, Any]] = {}
        self.given_again = False

    def prepare(self, call: messages.Call) -> None:
        """Put away what the call shall not meet again."""
        if call.number == 1:
            networks = [made for _, made in self._made.values() if isinstance(made, torch.nn.Module)]
            if networks and self.given_again and self._workbench.put_away is not None:
                self._workbench.put_away(networks)
            self._made.clear()
        elif not call.reader:
            short_lived = self._workbench.new_for_every_call
            self._made = {key: made for key, made in self._made.items() if made[0].recipe not in short_lived}

    def handles(self) -> dict[int, Handle]:
        """Return what the objects go back as, by the objects' `id`: their handles, without arguments."""
        return {id(made): handle._replace(arguments={}) for handle, made in self._made.values()}

    def resolve(self, handle: Handle, key: bytes) -> Any:
        """Return the object of a handle that was written in these bytes, building it if it is new."""
        if key not in self._made:
            self._made[key] = handle, self._workbench.recipes[handle.recipe](**handle.arguments)
        return self._made[key][1]


class _Deadline:
    """Raises `_TimeUp` in the main thread when CPU or wall seconds are used up; the judge has a harder one."""

    def __init__(self, cpu_seconds: float, wall_seconds: float) -> None:
        self._seconds = {signal.ITIMER_PROF: cpu_seconds, signal.ITIMER_REAL: wall_seconds}

    def __enter__(self) -> None:
        for number in (signal.SIGPROF, signal.SIGALRM):
            signal.signal(number, _time_is_up)
        for timer, seconds in self._seconds.items():
            signal.setitimer(timer, seconds)

    def __exit__(self, *_: object) -> None:
        for timer in self._seconds:
            signal.setitimer(timer, 0)


def _time_is_up(number: int, _frame: FrameType | None) -> NoReturn:
    raise _TimeUp(messages.WAITING if number == signal.SIGALRM else messages.COMPUTING)


def _display(*objects: object, **_: object) -> None:
    """Stand for the function that every kernel of a notebook has."""
    print(*map(repr, objects), sep="\n")


def _forbid(names: Sequence[str]) -> None:
    if not names:  # a look at every module's name would copy the memory that they lie in
        return
    sys.meta_path.insert(0, _ForbiddenImports(names))
    forbidden = [loaded for loaded in sys.modules if _is_forbidden(loaded, names)]
    empty(forbidden)
    for module in forbidden:
        del sys.modules[module]


def _is_forbidden(module: str, names: Sequence[str]) -> str | None:
    return next((name for name in names if module == name or module.startswith(name + ".")), None)


def _import_file(source: Path, file: str) -> ModuleType:
    """Import one of the submission's files as Python would if it were run from its own folder."""
    path = source / file
    # From any folder between, too: what is handed in may lie deeper than the folder that its imports begin with.
    folders = [str(folder) for folder in path.parents if folder.is_relative_to(source)]
    sys.path[:0] = [folder for folder in folders if folder not in sys.path]
    # Inside a package, so that relative imports work everywhere and a student's random.py takes nobody's place.
    if _PACKAGE not in sys.modules:
        package = sys.modules[_PACKAGE] = ModuleType(_PACKAGE)
        package.__path__ = [str(source)]
    name = ".".join((_PACKAGE, *Path(file).with_suffix("").parts))
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _text_of(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception as second:
        text = f"<its message raised {type(second).__name__}>"
    return text[: limits.MAX_MESSAGE].encode("utf-8", "replace").decode("utf-8")
