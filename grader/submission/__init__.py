"""Reads a .py file, a notebook, a zip archive or a folder into the source of each exercise, without ever running it."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from grader.course.names import closest
from grader.errors import UsageError
from grader.faults import reading
from grader.submission import archive, files, folder
from grader.submission.files import Entry, File, Place, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from grader.course.model import Course, Exercise, Function

_LISTED_FILES = 8  # how many files a sentence names before it only counts them
_COMPARED_NAMES = 1000  # comparing is slow, and a hostile file may define any number
_SIMILAR = 0.75  # `reverse` is 0.78 like `reverse_step`


@dataclass(frozen=True)
class Source:
    """What an exercise may import: each readable file by path, and the file that defines each function.

    `places` says of files that were taken out of a notebook where each of their lines comes from; `left_out`, where the
    notebook binds names by code that is not run.
    """

    files: Mapping[str, str]
    modules: Mapping[str, str]
    places: Mapping[str, Sequence[Place]] = field(default_factory=dict)
    left_out: Mapping[str, Place] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """Why an exercise cannot be graded: what was found, where, and the remedy, as every check of it then says.

    The first line is a sentence; the offending line of the source may follow.
    """

    sentence: str


@dataclass(frozen=True)
class Submission:
    """A submission as it was read; `sha256` depends on the paths and the code in its files and on nothing else."""

    name: str
    sha256: str
    _files: tuple[File, ...] = field(repr=False)
    problem: Problem | None = None
    _in_place: bool = False

    def source_of(self, exercise: Exercise) -> Source | Problem:
        """Return the source of an exercise, or the problem that keeps it from being graded.

        Each of the exercise's functions must be defined at the top level of exactly one file; a stub that was left as
        it is counts only where there is nothing else. Of stubs in place that file is the exercise's own: two of them
        may have a helper of the same name.
        """
        if self.problem:
            return self.problem
        found = searched = self._files
        if self._in_place:
            found = tuple(file for file in found if file.path.startswith(f"{exercise.lesson}/"))
            searched = tuple(file for file in found if file.path == f"{exercise.key}.py")
        names = {exercise.name, *(function.name for function in exercise.functions)}
        for file in searched:
            if sentence := file.spoiled(names):
                return Problem(sentence)
        homes: dict[str, File] = {}
        for function in exercise.functions:
            defining = _homes(function.name, searched)
            if len(defining) != 1:
                paths = [file.path for file in defining]
                return _ambiguous(function.name, paths) if paths else self._missing(function, exercise, searched)
            homes[function.name] = defining[0]
        return _source(found, homes)

    def refused(self, sentence: str) -> Submission:
        """Return the submission with a problem that every exercise has."""
        return dataclasses.replace(self, problem=Problem(sentence))

    def _missing(self, function: Function, exercise: Exercise, found: tuple[File, ...]) -> Problem:
        if [(file.path, file.text, file.readable) for file in found] == [(self.name, "", False)]:
            return Problem(found[0].faults[0].sentence)  # nothing could be read at all
        read = [file.path for file in found if file.readable]
        listed = "" if read == [self.name] or not read else f" (read: {_listing(read)})"
        definition = f"def {function.name}({', '.join(function.parameters) or '...'})"
        sentence = f"`{function.name}` was not found in {self.name}{listed}: define `{definition}`"
        # Another exercise of the lesson may have a similar name, and is no misspelling.
        others = {path.stem for path in exercise.stub.parent.glob("*.py")}
        defined = {name for file in found for name in file.bindings.defined}
        similar = _similar(function.name, defined - others)
        sentence += f"; did you mean to rename `{similar}`?" if similar else "."
        if computed := next((file.left_out[function.name] for file in found if function.name in file.left_out), None):
            sentence += f" What {computed.file}, line {computed.line} assigns to it is computed, and that is not run."
        unread = [f"Not read: {fault.sentence}" for file in found for fault in file.faults]
        return Problem("\n".join([sentence, *unread[:_LISTED_FILES]]))


def read_submission(path: Path) -> Submission:
    """Read a .py file, a notebook, or all of these in any nesting of a folder or of a zip archive.

    Hidden files and folders, caches and virtual environments are passed over. Symbolic links are never
    followed: this process may read the answers, and a link would hand them to the submission. An archive is never
    unpacked onto the disk, and of a notebook only definitions are taken (see `grader.submission.notebook`).

    Raises:
        UsageError: there is nothing at `path`, or none of these, or it may not be read.
    """
    # Not `resolve`, which would follow a link.
    name = printable(Path(os.path.normpath(path.absolute())).name or str(path))
    with reading(path):
        try:
            mode = path.lstat().st_mode
        except FileNotFoundError as error:
            raise UsageError(f"There is no {path}: give the path of a .py file or of a folder.") from error
        if stat.S_ISDIR(mode):
            return _submission(name, folder.entries(path))
    if stat.S_ISLNK(mode):
        raise UsageError(f"{path} is a symbolic link: give the file or the folder that it leads to.")
    if stat.S_ISREG(mode) and path.suffix == ".zip":
        return _archived(name, path)
    if stat.S_ISREG(mode) and path.suffix in files.SUFFIXES:
        return _submission(name, [folder.entry(name, path)])
    raise UsageError(f"{path} is neither a .py file nor a folder, a notebook or a zip archive: give one of these.")


def stubs_in_place(course: Course) -> Submission:
    """Read what a student edits in the course itself, `exercises/LESSON/*.py`, as a submission."""
    entries = [
        folder.entry(f"{lesson.name}/{path.name}", path)
        for lesson in course.lessons
        for path in sorted(lesson.folder.glob("*.py"))
        if not path.name.startswith(".")
    ]
    return _submission(course.root.name, entries, in_place=True)


def submission_of_cells(name: str, cells: Iterable[tuple[str, str]]) -> Submission:
    """Return the code cells of a notebook as a submission: each is what messages call it, and its text."""
    from grader.submission.notebook import read_cells

    file = read_cells(name, cells)
    return Submission(name, hashlib.sha256(file.text.encode("utf-8", "surrogatepass")).hexdigest(), (file,))


def _archived(name: str, path: Path) -> Submission:
    packed, obstacle = folder.content(path, archive.MAX_ARCHIVE_BYTES + 1)
    try:
        if obstacle:
            raise archive.NotUsableError(f"{name} {obstacle}.")
        return _submission(name, archive.entries(name, packed))
    except archive.NotUsableError as error:
        return Submission(name, hashlib.sha256(packed).hexdigest(), (), Problem(str(error)))


def _submission(name: str, entries: Iterable[Entry], in_place: bool = False) -> Submission:
    digest = hashlib.sha256()
    found: list[File] = []
    overall: Problem | None = None
    code = total = 0
    for entry in sorted(entries, key=lambda entry: entry.path):
        is_notebook = entry.path.endswith(".ipynb")
        limit = files.MAX_NOTEBOOK_BYTES if is_notebook else files.MAX_FILE_BYTES
        content, obstacle = (b"", entry.obstacle) if entry.obstacle else entry.content(limit + 1)
        obstacle = files.name_problem(entry.path) or obstacle
        total += len(content)
        file = None
        if is_notebook and not obstacle and len(content) <= limit:
            from grader.submission.notebook import read_notebook

            file = read_notebook(entry.path, content)
            content = file.text.encode("utf-8", "surrogatepass")
        code += len(content)
        overall = _excess(name, entry.path, len(content), len(found) + 1, code, total)
        # No file with a null byte is ever graded, so that none can pass for one that could not be read.
        for part in (os.fsencode(entry.path), b"\0" + obstacle.encode() if obstacle else content):
            digest.update(len(part).to_bytes(8, "big") + part)
        if overall:
            break
        found.append(files.unread(entry.path, obstacle) if obstacle else file or files.read_python(entry.path, content))
    if not found and not overall:
        overall = Problem(f"{name} holds no .py file: hand in the file in which you solved the exercise.")
    return Submission(name, digest.hexdigest(), tuple(found), overall, in_place)


def _excess(name: str, path: str, size: int, count: int, code: int, total: int) -> Problem | None:
    if path.endswith(".ipynb") and size > files.MAX_NOTEBOOK_BYTES:
        most = files.MAX_NOTEBOOK_BYTES // 10**6
        return Problem(f"{printable(path)} is larger than {most} MB: clear the outputs of its cells and save it again.")
    if size > files.MAX_FILE_BYTES:
        most = files.MAX_FILE_BYTES // 10**6
        return Problem(f"{printable(path)} is larger than {most} MB: hand in source code only.")
    if count > files.MAX_FILES:
        return Problem(f"{name} holds more than {files.MAX_FILES} .py files: hand in your own files only.")
    if code > files.MAX_TOTAL_BYTES:
        most = files.MAX_TOTAL_BYTES // 10**6
        return Problem(f"{name} holds more than {most} MB of .py files: hand in your own only.")
    if total > files.MAX_READ_BYTES:
        most = files.MAX_READ_BYTES // 10**6
        return Problem(f"{name} holds more than {most} MB of notebooks: clear their outputs and save them again.")
    return None


def _source(found: Iterable[File], homes: Mapping[str, File]) -> Source:
    texts = {file.path: file.text for file in found if file.importable}
    modules: dict[str, str] = {}
    places: dict[str, Sequence[Place]] = {}
    left_out: dict[str, Place] = {}
    for home in dict.fromkeys(homes.values()):
        names = [name for name, file in homes.items() if file is home]
        module = home.module
        if not home.importable:
            while any(path == module or path.startswith(f"{module}/") for path in texts):  # somebody's own
                module = f"{module.removesuffix('.py')}_.py"
        taken = home.taken(names)
        texts[module] = taken.text
        left_out |= taken.left_out
        if taken.places:
            places[module] = taken.places
        modules |= dict.fromkeys(names, module)
    return Source(texts, modules, places, left_out)


def _homes(name: str, found: tuple[File, ...]) -> list[File]:
    """Return the files that define a name; an import or an untouched stub counts only where nothing else binds it."""
    defining = [file for file in found if name in file.bindings.defined]
    written = [file for file in defining if name not in file.bindings.unwritten]
    return written or defining or [file for file in found if name in file.bindings.imported]


def _ambiguous(name: str, homes: list[str]) -> Problem:
    *others, last = (
        homes if len(homes) <= _LISTED_FILES else [*homes[: _LISTED_FILES - 1], f"{len(homes)} files in all"]
    )
    return Problem(f"`{name}` is defined in {', in '.join(others)} and in {last}: keep one.")


def _similar(name: str, defined: Iterable[str]) -> str | None:
    """Return a name that was likely meant: `reverseStep` or `reverse_steps` for `reverse_step`."""
    candidates = [found for found in sorted(defined) if len(found) <= 2 * len(name)][:_COMPARED_NAMES]
    plain = {_letters(found): found for found in candidates}
    match = closest(_letters(name), plain, cutoff=_SIMILAR)
    return plain[match] if match else None


def _letters(name: str) -> str:
    return name.lower().replace("_", "")


def _listing(paths: list[str]) -> str:
    more = len(paths) - _LISTED_FILES
    return ", ".join(paths[:_LISTED_FILES]) + (f" and {more} more" if more > 0 else "")
