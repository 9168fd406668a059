"""What a worker imports of a submission, and what it imports instead when code fails that no function needs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from grader.course.blanks import BLANK
from grader.submission.slices import Place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grader.sandbox.wire import messages
    from grader.submission.slices import MayFail, Taken

_MISSING_NAME = re.compile(r"name '(\w+)' is not defined")
_MISSING_MODULE = re.compile(r"No module named '([\w.]+)'")
_DEBUG = "`grade debug NAME` makes a script of this input, which runs in your own Python with a debugger and files."
_IN_A_CELL = "Call the function in a cell of its own: there, a debugger and files work."
_REFUSED = re.compile(
    r"Operation not permitted|Permission denied|Temporary failure in name resolution|Name or service not"
)
_CELL = re.compile(r"\bcell \[?\d")
_MISSING_BAR = "IProgress not found"  # what `tqdm.notebook` says


class Importable:
    """The files of a submission, of which those that fail are imported without the code that fails."""

    def __init__(
        self,
        files: Mapping[str, str],
        places: Mapping[str, Sequence[Place]],
        left_out: Mapping[str, str],
        optional: Mapping[str, Sequence[MayFail]],
        definitions: Mapping[str, Taken],
    ) -> None:
        self.files = dict(files)
        self._places = dict(places)
        self._left_out = dict(left_out)
        self._optional = dict(optional)
        self._definitions = dict(definitions)

    def without_failing(self, raised: messages.Raised) -> bool:
        """Leave out what failed when it was imported, if no function needs it; return whether there was such code.

        A file that was imported whole is read by its definitions then, as a notebook is. Where the failing code stands
        is the submission's word: all that it can change is which of the submission's own lines run.
        """
        return any(self._leave_out(file, line, raised) for file, line in reversed(raised.importing))

    def _leave_out(self, file: str, line: int, raised: messages.Raised) -> bool:
        if file in self._definitions:
            return self._read_by_definitions(file, line)
        failing = next((each for each in self._optional.get(file, ()) if each.first <= line <= each.last), None)
        if failing is None:
            return False
        lines = self.files[file].split("\n")
        first = lines[failing.first - 1]
        lines[failing.first - 1] = f"{first[: len(first) - len(first.lstrip())]}pass"
        for index in range(failing.first, failing.last):
            lines[index] = ""
        self.files[file] = "\n".join(lines)
        self._optional[file] = [each for each in self._optional[file] if each is not failing]
        place = self._places[file][failing.first - 1]
        said = f"{raised.error}: {raised.message}".removesuffix(": ").partition("\n")[0]
        why = f"It is bound in {place.file}, line {place.line}, which failed ({said}). {self.hint(raised)}".rstrip()
        self._left_out |= dict.fromkeys(failing.names, why)
        return True

    def _read_by_definitions(self, file: str, line: int) -> bool:
        taken = self._definitions[file]
        optional = {place for each in taken.optional for place in taken.places[each.first - 1 : each.last]}
        if any(place.line == line and place not in optional for place in taken.places):
            return False
        del self._definitions[file]
        self.files[file] = taken.text
        self._places[file] = taken.places
        self._optional[file] = taken.optional
        self._left_out |= taken.left_out
        return True

    def in_place(self, lines: Sequence[messages.Frame]) -> list[messages.Frame]:
        """Return lines of code with the files that the student knows."""
        moved = []
        for frame in lines:
            file, line = self.place_of(frame.file, frame.line)
            moved.append(msgspec.structs.replace(frame, file=file, line=line))
        return moved

    def place_of(self, file: str, line: int) -> Place:
        """Return where a line of an imported file comes from."""
        places = self._places.get(file, ())
        return places[line - 1] if 0 < line <= len(places) else Place(file, line)

    def hint(self, raised: messages.Raised) -> str:
        """Return a sentence on what is missing because of where or how the submission is run, "" for none."""
        match raised.error:
            case "NameError" if name := _MISSING_NAME.match(raised.message):
                if name[1] == BLANK:
                    return "Fill in this blank."
                return self._left_out.get(name[1]) or self._left_out.get("", "")
            case "ModuleNotFoundError" if module := _MISSING_MODULE.match(raised.message):
                top = module[1].partition(".")[0]
                installed = f"`{top}` is not installed where your work is graded, and is not among the files handed in."
                return self._left_out.get(f"import {module[1]}", installed)
            case "ImportError" if raised.message.startswith(_MISSING_BAR):
                return "`tqdm.notebook` needs a browser: import `tqdm` from `tqdm.auto`."
            case "EOFError" if "input" in "".join(frame.text for frame in raised.frames[-1:]):
                return "Nobody answers `input()` while your work is graded: write the value into your code."
        lines = self.in_place(raised.frames[-1:])
        return _of_confinement(raised, _IN_A_CELL if any(_CELL.search(line.file) for line in lines) else _DEBUG)


def _of_confinement(raised: messages.Raised, without: str) -> str:
    """Return a sentence on what confined code cannot do, and the one on how to look at it `without`, "" for none."""
    if raised.error == "BdbQuit":
        return f"Your code runs confined while it is graded: nobody is there to use a debugger. {without}"
    if raised.error == "FileNotFoundError":
        return f"Where your work is graded there are no files but your Python files and notebooks. {without}"
    if _REFUSED.search(raised.message):
        return (
            "Your code runs confined while it is graded: it can open no other files, no network and no other programs. "
            f"{without}"
        )
    return ""
