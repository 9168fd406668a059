"""The reading server: imports `grader.submission` once, then forks a confined child for every hand-in.

Started as `python -I -m grader.sandbox.reading.server` with a clean environment and one end of a socket pair as its
standard input. Only a child ever looks at a hand-in, and Landlock leaves it that and nothing else: it opens files and
archives itself, so that what is unpacked and decoded is in the child as well, and a link would lead it nowhere.
"""

from __future__ import annotations

import codecs
import gc
import importlib
import os
import pkgutil
import socket
import stat
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import msgspec

import grader.submission
from grader import faults
from grader.course.model import Course, Lesson
from grader.errors import UsageError
from grader.sandbox import limits
from grader.sandbox.inside import confinement
from grader.sandbox.reading import model_data, orders
from grader.sandbox.wire import frames, messages
from grader.submission import reading

if TYPE_CHECKING:
    from grader.submission.model import Submission

_CODECS = ("ascii", "cp437", "latin-1", "unicode_escape", "utf-16", "utf-8", "utf-8-sig")  # imported when first used


def serve(control: socket.socket) -> None:
    """Answer until the judge hangs up; children end with this process."""
    decoder = msgspec.msgpack.Decoder(orders.ToServer)
    while (received := frames.read_frame(control.recv)) is not None:
        try:
            order = decoder.decode(received.structure)
            answer = _ended(order.pid) if isinstance(order, orders.Reap) else _forked(control, order, received.buffers)
        except OSError as error:
            answer = _fault(error)
        control.sendall(frames.encode_frame(answer, []))


def _forked(control: socket.socket, order: orders.Read, wanted: memoryview) -> msgspec.Struct:
    _, descriptors, _, _ = socket.recv_fds(control, 1, 1)
    if not descriptors:  # how the kernel says that there was no room for it
        raise OSError("no descriptor for the child's channel")
    (channel,) = descriptors
    try:
        pid = os.fork()
        if pid == 0:
            _live(channel, order, wanted)
    finally:
        os.close(channel)
    return orders.Forked(pid)


def _ended(pid: int) -> orders.Ended:
    _, status, used = os.wait4(pid, 0)
    unit = 1 if sys.platform == "darwin" else 1024
    return orders.Ended(status, used.ru_utime + used.ru_stime, used.ru_maxrss * unit)


# --- the child -----------------------------------------------------------------------------------------------------


def _live(channel: int, order: orders.Read, encoded: memoryview) -> NoReturn:
    """Be a child to the end of this process; what breaks before it says `Confined` is the grader's own fault."""
    status = 1
    try:
        try:
            wanted = msgspec.msgpack.decode(encoded, type=orders.Wanted)
            _confine(channel, order, wanted)
        except BaseException as error:
            _send(channel, _fault(error))
        else:
            _send(channel, messages.Confined())
            _send(channel, *_answer(wanted))
            status = 0
    finally:
        os._exit(status)


def _confine(channel: int, order: orders.Read, wanted: orders.Wanted) -> None:
    confinement.die_with_parent()
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    confinement.close_descriptors((0, 1, 2, channel))
    if order.work:
        os.chdir(order.work)
    gc.disable()  # a syntax tree has no cycles, and is gone with the process
    rules = messages.Rules(
        source="",
        work="",
        confined=order.program is not None,
        readable=[os.fsdecode(path) for path in _paths(wanted) if _is_there(path)],
        listed=[],
        memory_bytes=order.memory_bytes,
        file_bytes=0,
        cpu_seconds=order.cpu_seconds,
    )
    confinement.confine(rules, order.abi, order.program, as_root=True)


def _paths(wanted: orders.Wanted) -> list[bytes]:
    match wanted:
        case orders.Path(path):
            return [path]
        case orders.Stubs(_, lessons):
            return [folder for _, folder in lessons]
    return []


def _is_there(path: bytes) -> bool:
    """Tell what can be allowed to be read: no link, which would be followed."""
    try:
        return not stat.S_ISLNK(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def _answer(wanted: orders.Wanted) -> tuple[msgspec.Struct, bytes]:
    try:
        return orders.Made(), model_data.encode(_read(wanted))
    except UsageError as error:
        return orders.Refused(_encodable(str(error))), b""
    except (MemoryError, frames.WireError):
        return orders.OutOfRoom(), b""
    except OSError as error:
        if faults.is_of_the_machine(error):
            return orders.MachineFailed(error.errno or 0, _encodable(error.strerror or str(error))), b""
        return _broke(error), b""
    except Exception as error:
        return _broke(error), b""


def _read(wanted: orders.Wanted) -> Submission:
    match wanted:
        case orders.Path(path):
            return reading.read_submission(Path(os.fsdecode(path)))
        case orders.Texts(name, texts, keep_folders):
            contents = [(os.fsdecode(shown), text) for shown, text in texts]
            return reading.read_texts(os.fsdecode(name), contents, keep_folders=keep_folders)
        case orders.Cells(name, cells):
            pairs = [(label.decode(), text.decode("utf-8", "surrogatepass")) for label, text in cells]
            return reading.submission_of_cells(os.fsdecode(name), pairs)
        case orders.Stubs(root, lessons):
            folders = [(name, Path(os.fsdecode(folder))) for name, folder in lessons]
            course = Path(os.fsdecode(root))
            made = tuple(Lesson(name, folder, folder, ()) for name, folder in folders)
            return reading.stubs_in_place(Course(course, course.name, made))
    raise TypeError(f"cannot read {type(wanted).__name__}")


def _broke(error: Exception) -> orders.Broke:
    lines = "".join(traceback.format_exception(error, limit=-limits.MAX_TRACEBACK_LINES))
    return orders.Broke(type(error).__name__, _encodable(lines)[-limits.MAX_FAULT :])


def _fault(error: BaseException) -> messages.Fault:
    number = error.errno if isinstance(error, OSError) else None
    lines = "".join(traceback.format_exception(error))
    said = _encodable(str(error))[: limits.MAX_MESSAGE]
    return messages.Fault(type(error).__name__, said, _encodable(lines)[-limits.MAX_FAULT :], number or 0)


def _encodable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _send(channel: int, message: msgspec.Struct, data: bytes = b"") -> None:
    frame = memoryview(frames.encode_frame(message, [data] if data else []))
    while frame:
        frame = frame[os.write(channel, frame) :]


def main() -> None:
    """Serve the judge at the other end of standard input."""
    control = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    sys.dont_write_bytecode = True
    # A child can read no file of Python's own: all that it may import is here before.
    for module in pkgutil.walk_packages(grader.submission.__path__, "grader.submission."):
        importlib.import_module(module.name)
    for name in _CODECS:
        codecs.lookup(name)
    model_data.prepare()
    gc.collect()
    gc.freeze()
    serve(control)


if __name__ == "__main__":
    main()
