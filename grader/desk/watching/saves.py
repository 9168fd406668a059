"""Tells when something below `exercises/` has been saved, and what the saving has changed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from grader.desk.made_of import work_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from grader.course.sources import ExerciseFiles

_STEP_MILLISECONDS = 20  # without a further change, after which changes are told
_MOST_MILLISECONDS = 200  # of further changes that are waited for: a formatter writes again
_POLL_MILLISECONDS = 300


class Saves:
    """What was saved since the last look: the exercises of which a file has other content, whatever an editor did."""

    def __init__(self, exercises: Sequence[ExerciseFiles]) -> None:
        self._known = {exercise.key: work_hash(exercise) for exercise in exercises}

    def changed(self, exercises: Sequence[ExerciseFiles]) -> list[ExerciseFiles]:
        """Return the exercises that are not as they were at the last look."""
        now = {exercise.key: work_hash(exercise) for exercise in exercises}
        found = [exercise for exercise in exercises if self._known.get(exercise.key) != now[exercise.key]]
        self._known = now
        return found


def tell_of_changes(folder: Path, changed: Callable[[], None], stop: threading.Event, *, poll: bool) -> None:
    """Start a thread that calls `changed` after every change below a folder, by looking again and again if `poll`."""
    threading.Thread(target=_watch, args=(folder, changed, stop, poll), daemon=True).start()


def _watch(folder: Path, changed: Callable[[], None], stop: threading.Event, poll: bool) -> None:
    from watchfiles import watch

    def look(force_polling: bool | None) -> None:
        for _ in watch(
            folder,
            watch_filter=None,
            debounce=_MOST_MILLISECONDS,
            step=_STEP_MILLISECONDS,
            stop_event=stop,
            force_polling=force_polling,
            poll_delay_ms=_POLL_MILLISECONDS,
            raise_interrupt=False,
        ):
            changed()

    try:
        look(True if poll else None)
    except (OSError, RuntimeError):  # too many watches, or a file system that does not tell: look again and again
        if not stop.is_set():
            look(True)
