"""A course's workbench as the judge reads it: a source text for the fork server, and the value that it makes."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from grader import faults
from grader.errors import UsageError
from grader.sandbox.wire.messages import Equipment, Source

if TYPE_CHECKING:
    from pathlib import Path

    from grader.sandbox.workbench import Workbench

_NO_FILE = Source("from grader.sandbox.workbench import Workbench\n\nWORKBENCH = Workbench()\n", "no workbench")
PLAIN = Equipment(_NO_FILE)  # what a course without a workbench of its own has


def source_of(root: Path, file: Path | None) -> Source:
    """Return the workbench of the course at `root`: the text of its file, or a plain one for a course without.

    Raises:
        UsageError: the file cannot be read.
    """
    if file is None:
        return _NO_FILE
    return Source(faults.text_of(file), file.relative_to(root).as_posix())


@functools.cache
def workbench_of(source: Source) -> Workbench:
    """Return the value that a workbench's text makes, to look up what it has and what its readers promise.

    Raises:
        UsageError: the text cannot be run, makes no workbench, or has a reader whose promise cannot be checked.
    """
    from grader.sandbox.outside.answer_types import type_test
    from grader.sandbox.workbench import opened

    try:
        found = opened(source)
        for reader in found.readers.values():
            type_test(reader.returns)
    except Exception as error:
        raise UsageError(f"{source.name} cannot be used: {faults.reason(error)} Correct it.") from error
    return found
