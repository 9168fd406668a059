"""Chooses the file that counts where several files of a submission define a function."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from grader.submission.copies import is_kept_aside, original, same_code, without_copy_mark
from grader.submission.entries import stem_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from grader.course.model import Exercise
    from grader.submission.model import File

_DEEPEST = 4  # folders and name of a file of the course, as in `LESSON/checks/NAME.py`


def own_files(exercise: Exercise, found: Sequence[File]) -> list[File]:
    """Return the files that are named like an exercise, copies of them included."""
    others = _other_exercises(exercise)
    return [file for file in found if _is_named(exercise.name, file) and stem_of(file.path) not in others]


def homes_of(function: str, exercise: Exercise, found: Sequence[File]) -> list[File]:
    """Return the files that may be meant by a function: one, or several that differ, or none.

    A file that is named like the exercise wins, and one that is named like another exercise gives way to it: that one
    may have a helper of this name. What lies in a folder called `old`, an import and an untouched stub count only where
    nothing else binds the name.
    """
    defining = [file for file in found if function in file.bindings.defined]
    if own := own_files(exercise, defining):
        others = _other_exercises(exercise)
        defining = [file for file in defining if file in own or stem_of(file.path) not in others]
    written = [file for file in defining if function not in file.bindings.unwritten]
    candidates = written or defining or [file for file in found if function in file.bindings.imported]
    own = own_files(exercise, candidates)
    in_lesson = [file for file in own if file.path.split("/")[-2:-1] == [exercise.lesson]]
    named = [file for file in candidates if _is_named(function, file)]
    meant = in_lesson or own or named or candidates
    return _different(function, [file for file in meant if not is_kept_aside(file.path)] or meant, found)


def without_course_files(exercise: Exercise, found: Sequence[File]) -> tuple[File, ...]:
    """Return the files that may be somebody's work: who hands in a folder hands in checks and helpers of the course."""
    return tuple(file for file in found if not _is_of_course(exercise, file.path))


def _is_of_course(exercise: Exercise, path: str) -> bool:
    """Tell whether a file lies where the course has one of its own, in `checks/` or under a name with an underscore."""
    parts = path.split("/")[-_DEEPEST:]
    if "checks" not in parts[-2:-1] and not any(part.startswith("_") for part in parts):
        return False
    places = (exercise.root / "exercises", exercise.stub.parent)
    tails = ["/".join(parts[start:]) for start in range(len(parts))]
    return any(_is_file(place / tail) for place in places for tail in tails)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # such as a name that is too long for a disk
        return False


def _is_named(name: str, file: File) -> bool:
    stem = stem_of(file.path)
    return name in (stem, without_copy_mark(stem), original(stem))


def _other_exercises(exercise: Exercise) -> set[str]:
    return {path.stem for path in exercise.stub.parent.glob("*.py")} - {exercise.name}


def _different(function: str, candidates: Sequence[File], found: Sequence[File]) -> list[File]:
    """Return one of those that are copies of one another; the original, if there is one."""
    kept: list[File] = []
    # What a notebook lacks, a script exported from it may hold.
    for file in sorted(candidates, key=lambda file: (not file.importable, _is_copy(file), *_depth(file.path))):
        if not any(_is_copy_of(function, file, other, found) for other in kept):
            kept.append(file)
    return sorted(kept, key=lambda file: file.path)


def _depth(path: str) -> tuple[int, str]:
    return path.count("/"), path


def _is_copy(file: File) -> bool:
    return without_copy_mark(stem_of(file.path)) != stem_of(file.path)


def _is_copy_of(function: str, file: File, other: File, found: Sequence[File]) -> bool:
    text, others = file.taken([function]).text, other.taken([function]).text
    same = same_code(text, others) or (
        other.importable and not file.importable and _is_exported(function, script=others, taken=text)
    )
    return same and _surroundings(file, text, found) == _surroundings(other, text, found)


def _is_exported(function: str, script: str, taken: str) -> bool:
    """Tell whether a script holds every line that is taken out of a notebook, in order, and the function once."""
    lines = iter([line.rstrip() for line in script.split("\n")])
    return (
        all(line.rstrip() in lines for line in taken.split("\n") if line.strip())
        and len(
            re.findall(rf"\b{re.escape(function)}\b[ \t]*=|\b(?:def|class|import)[ \t]+{re.escape(function)}\b", script)
        )
        == 1
    )


def _surroundings(file: File, text: str, found: Sequence[File]) -> dict[str, str]:
    """Return the other files of a file's folder that its code may import, by their path from there."""
    folder = file.path[: file.path.rfind("/") + 1]
    beside = {other.path.removeprefix(folder): other.text for other in found if other.path.startswith(folder)}
    words = set(re.findall(r"\w+", text))
    return {path: content for path, content in beside.items() if stem_of(path.partition("/")[0]) in words}
