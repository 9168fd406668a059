"""What `grade locate` has found: a place, the lines that several places lie in, or nothing."""

from __future__ import annotations

import msgspec

SECONDS = 20.0  # of CPU time, that a search may take if nothing else is said


class Located(msgspec.Struct, tag="located", frozen=True):
    """Where a mistake is, in what the student knows: files or cells, lines, and code as it was written.

    `property` is the title of the first check that fails. `code` is the expression or statement, "" where only lines
    are known; without a `file`, nothing was found. `searched_all` tells that no edit was left out for lack of time.
    `right_steps` is up to which step a loop is right, None where no check can tell.
    """

    exercise: str
    property: str
    file: str = ""
    line: int = 0
    last_line: int = 0
    code: str = ""
    searched_all: bool = True
    right_steps: int | None = None


def in_words(found: Located) -> str:
    """Return what was found as sentences; none of them says what would be right."""
    said = [_place(found)]
    if found.right_steps:
        steps = f"step {found.right_steps}" if found.right_steps > 1 else "the first step"
        said.append(f"Up to {steps} of the loop, you are on the right path.")
    said.append(f"What fails: {found.property}")
    if not found.searched_all:
        said.append(
            f"The time was up before all was tried: `grade locate {found.exercise} --seconds N` goes on for longer."
        )
    return "\n\n".join(said)


def _place(found: Located) -> str:
    if not found.file:
        return f"{found.exercise}: no single place was found where one change makes all checks pass."
    lines = f"line {found.line}" if found.line == found.last_line else f"lines {found.line} to {found.last_line}"
    where = f"{found.file}, {lines}"
    if not found.code:
        return f"Look at {where}: the mistake is somewhere in these lines."
    if "\n" in found.code:
        return f"Look at {where}:\n\n{found.code}"
    return f"Look at {where}: `{found.code}`"
