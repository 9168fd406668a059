"""Keeps the points of all exercises in `.grade/points.json`, because reading rubrics takes longest in a listing."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import msgspec

from grader.atomic import write_atomically
from grader.course.points import Points, points
from grader.desk.progress_file import FOLDER, own_folder
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.course.outline import Outline

_NAME = "points.json"


class _Kept(msgspec.Struct):
    """The points by `LESSON/NAME`, and what they were read from: a text that changes with any rubric or exercise."""

    of: str
    points: dict[str, tuple[float, float]]


def kept_points(outline: Outline) -> dict[str, Points]:
    """Return the points of each exercise, as `grader.course.points.points` does."""
    of, path = _sources(outline), outline.root / FOLDER / _NAME
    with contextlib.suppress(OSError, ValueError):  # every error of msgspec is a ValueError
        kept = msgspec.json.decode(path.read_bytes(), type=_Kept)
        if kept.of == of:
            return {key: Points(*worth) for key, worth in kept.points.items()}
    found = points(outline)
    with contextlib.suppress(OSError, UsageError):  # it can be read again
        own_folder(outline.root)
        write_atomically(path, msgspec.json.encode(_Kept(of, dict(found))))
    return found


def _sources(outline: Outline) -> str:
    parts = []
    for lesson in outline.lessons:
        names = [f"{exercise.name}:{exercise.reference is not None}" for exercise in lesson.exercises]
        with contextlib.suppress(OSError):
            status = (outline.root / "rubrics" / f"{lesson.name}.toml").stat()
            parts.append(f"{lesson.name} {status.st_mtime_ns} {status.st_size} {' '.join(names)}")
    return "\n".join(parts)
