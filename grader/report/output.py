"""Writes what a command has to say to standard output, or whole to a file, a folder or an archive."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

from grader.atomic import file_atomically, folder_atomically, write_atomically
from grader.errors import UsageError
from grader.faults import writing
from grader.report.documents import Document, Files
from grader.report.workflow_commands import for_runner

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import TextIO

    from rich.console import RenderableType

    from grader.report.documents import File
    from grader.report.registry import Content

_ANOTHER = "name another file."  # by -o or by whatever option has named this one


class Output:
    """Where a command writes: standard output, or a file that is complete afterwards or left unchanged.

    With `several`, it is a new folder, or an archive if the name ends with `.zip`.
    """

    def __init__(self, path: Path | None = None, *, several: bool = False) -> None:
        """Raise `UsageError` if nothing can be written there, before any work is done for it."""
        self._path = path
        if several and path is None:
            raise UsageError("This format makes several files: name a new folder, or a .zip, with -o.")
        if path is not None:
            _check_writable(path, folder=several and not _is_archive(path))

    def write(self, content: Content) -> None:
        """Write text or a drawing and a line end after it, documents to the byte, or nothing for None.

        Raises `UsageError` if it cannot be written. If the reader of standard output closes it early, that is not an
        error.
        """
        if content is None:
            return
        if isinstance(content, Files):
            assert self._path is not None
            _write_files(self._path, content.files)
        elif isinstance(content, Document):
            _write_bytes(self._path, content.content)
        elif self._path is not None:
            text = content if isinstance(content, str) else _drawn(content)
            _write_file(self._path, text + "\n")
        elif sys.stdout is not None:
            _print(for_runner(content if isinstance(content, str) else _drawn(content, like=sys.stdout)) + "\n")


def say(content: str | RenderableType) -> None:
    """Write text or a drawing to standard output."""
    Output().write(content)


def say_wrapped(text: str) -> None:
    """Write sentences to standard output; on a terminal, lines are broken between words."""
    if sys.stdout is not None and sys.stdout.isatty():
        width = shutil.get_terminal_size().columns
        text = "\n".join(_wrapped(line, width) for line in text.split("\n"))
    say(text)


def _wrapped(line: str, width: int) -> str:
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.fill(
        line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False, replace_whitespace=False
    )


def _check_writable(path: Path, *, folder: bool) -> None:
    with writing(path, _ANOTHER):
        if folder and path.exists() and not (path.is_dir() and not any(path.iterdir())):
            raise UsageError(f"{path} is there already: name a new folder, so that no old file is among the new.")
        if path.is_dir() and not folder:
            raise UsageError(f"{path} is a folder: {_ANOTHER}")
        if not path.absolute().parent.is_dir():
            raise UsageError(f"{path} cannot be written, because there is no folder {path.parent}: {_ANOTHER}")
        if not os.access(path if _is_special(path) and not folder else path.absolute().parent, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _is_archive(path: Path) -> bool:
    return path.suffix.lower() == ".zip"


def _is_special(path: Path) -> bool:
    """Tell a device or a pipe, which must not be replaced by a file."""
    return path.exists() and not path.is_file()


def _drawn(content: RenderableType, like: TextIO | None = None) -> str:
    from grader.report.console import drawn  # which imports Rich

    return drawn(content, like)


def _write_file(path: Path, text: str | bytes) -> None:
    with writing(path, _ANOTHER):
        if _is_special(path):
            with contextlib.suppress(BrokenPipeError):
                path.write_bytes(text.encode() if isinstance(text, str) else text)
        else:
            write_atomically(path, text, _ANOTHER)


def _write_files(path: Path, files: Iterable[File]) -> None:
    with writing(path, _ANOTHER):
        if _is_archive(path):
            import zipfile

            with file_atomically(path.resolve()) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                for each in files:
                    archive.writestr(each.path, each.content)
            return
        with folder_atomically(path.absolute()) as folder:
            for each in files:
                target = folder / each.path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(each.content)


def _write_bytes(path: Path | None, content: bytes) -> None:
    if path is not None:
        _write_file(path, content)
    elif sys.stdout is not None:
        if sys.stdout.isatty():
            raise UsageError("This format is for programs, not for a terminal: name a file with -o.")
        sys.stdout.flush()
        with _to_stdout():
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()


def _print(text: str) -> None:
    with _to_stdout():
        sys.stdout.write(text)
        sys.stdout.flush()


@contextlib.contextmanager
def _to_stdout() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nor shall the interpreter's end complain
    except OSError as error:
        raise UsageError(f"The output cannot be written ({error.strerror or error}): name a file with -o.") from error
