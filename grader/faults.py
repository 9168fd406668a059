"""Whose fault an error is, in words: a path that somebody named, or the grader itself.

An `OSError` does not say whom to blame. Code that uses a path of the user's therefore does so inside `reading` or
`writing`, which raise `UsageError`. Every other exception that nobody handles is the grader's own fault.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from grader.errors import GraderError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BROKEN = "The grader broke, which says nothing about your work."
DEBUG = "GRADE_DEBUG"  # in the environment: show the traceback of every fault of the grader
_HOW_TO_SEE_MORE = f"Set {DEBUG}=1 to see the traceback."
# No path is to blame for these, whichever path was being opened.
_OF_THE_MACHINE = {errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.EIO, errno.ESTALE}
_ADVICE = {
    errno.ENOMEM: "The machine is out of memory: close other programs, or use fewer --jobs.",
    errno.EMFILE: "A process may not open more files: raise the limit with `ulimit -n 4096`.",
    errno.ENFILE: "The machine has too many open files: close other programs.",
    errno.EAGAIN: "No more processes may be started: close other programs, or raise the limit with `ulimit -u`.",
    errno.EIO: "A disk does not answer as it should: check it.",
    errno.ESTALE: "A network drive does not answer as it should: check it.",
}
# How Python, the dynamic linker, C++ and PyTorch say ENOMEM.
_NO_MEMORY = ("MemoryError", "failed to map segment", "std::bad_alloc", "can't allocate memory")
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
_ALLOW = "allow it to be read."
LOOK_AGAIN = "check its name and its folder."
_CLOSED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT}


# --- what somebody named ------------------------------------------------------------------------------------------


@contextmanager
def reading(path: Path | None = None, remedy: str = _ALLOW) -> Iterator[None]:
    """Raise `UsageError` where a path of the user's cannot be read; without a path, it is the one the system names."""
    with _blaming(path, "read", remedy):
        yield


@contextmanager
def writing(path: Path, remedy: str = "allow it and its folder to be written.") -> Iterator[None]:
    """Raise `UsageError` where a path of the user's cannot be written."""
    with _blaming(path, "written", remedy):
        yield


def text_of(path: Path, newline: str | None = None) -> str:
    """Return the text of a file of the user's; raise `UsageError` if it cannot be read or is not UTF-8.

    Line ends become line feeds, or stay as they are with `newline=""`.
    """
    with reading(path):
        try:
            with path.open(encoding="utf-8", newline=newline) as file:
                return file.read()
        except UnicodeDecodeError as error:
            raise UsageError(f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8.") from error


@contextmanager
def _blaming(path: Path | None, verb: str, remedy: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if is_of_the_machine(error):
            raise
        if isinstance(error, FileNotFoundError) and remedy == _ALLOW:
            remedy = LOOK_AGAIN
        raise UsageError(f"{path or error.filename} cannot be {verb} ({error.strerror or error}): {remedy}") from error


def is_of_the_machine(error: OSError) -> bool:
    """Tell whether an error says that the machine lacks something, and nothing about the path that was used."""
    return error.errno in _OF_THE_MACHINE


# --- what is the grader's own -------------------------------------------------------------------------------------


def sentence(error: BaseException) -> str:
    """Return what is said where the grader broke: that it is nobody's work, what broke, and what to do."""
    return with_hint(f"{BROKEN} {reason(error)}")


def with_hint(said: str) -> str:
    """Return a sentence about a fault with a second one on how to see more, where that is not shown already."""
    return said if debugging() else f"{said} {_HOW_TO_SEE_MORE}"


def reason(error: BaseException) -> str:
    """Return what broke, and what to do about it where that is known, as whole sentences."""
    if isinstance(error, GraderError):
        return str(error)
    said = f"{type(error).__name__}: {error}".removesuffix(": ")
    said += "" if said.endswith((".", "?", "!")) else "."
    number = error.errno if isinstance(error, OSError) else None
    return " ".join(filter(None, (said, _advice_on_place(error) or advice(number or 0, said))))


def advice(number: int, said: str = "") -> str:
    """Return what to do about an error of the operating system, or about what a library said; "" if that is unknown."""
    if number in _NO_ROOM:
        return f"There is no room left on the disk: make room in {_temporary()}, or set TMPDIR to another folder."
    if any(words in said for words in _NO_MEMORY):
        number = errno.ENOMEM
    return _ADVICE.get(number, "")


def _advice_on_place(error: BaseException) -> str:
    if not isinstance(error, OSError) or error.errno not in _CLOSED:
        return ""
    place = os.fspath(error.filename) if isinstance(error.filename, str | os.PathLike) else ""
    if "No usable temporary directory" in str(error) or (place and place.startswith(_temporary())):
        return "Set TMPDIR to a folder that may be written."
    return "Python itself is missing: install the grader again." if place == sys.executable else ""


def _temporary() -> str:
    try:
        return tempfile.gettempdir()
    except OSError:
        return "the temporary folder"


def show(error: BaseException) -> None:
    """Print the whole traceback of a fault on standard error, if `GRADE_DEBUG` is set."""
    if debugging():
        import traceback  # a command that nothing goes wrong with need not wait for it

        show_text("".join(traceback.format_exception(error)))


def show_text(text: str) -> None:
    """Print the traceback of a fault that is no exception here any more, if `GRADE_DEBUG` is set."""
    if debugging() and sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            print(text.rstrip("\n"), file=sys.stderr, flush=True)


def debugging() -> bool:
    """Tell whether tracebacks are to be shown."""
    return os.environ.get(DEBUG, "0") not in ("", "0")
