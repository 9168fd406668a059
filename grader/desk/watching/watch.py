"""Watches the work in place: the newest save is graded first, and what it makes out of date is not waited for."""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import TYPE_CHECKING, NamedTuple

from grader.course.outline import course_name, find_outline
from grader.desk import choosing
from grader.desk.hints import in_words, take_hint
from grader.desk.kept_points import kept_points
from grader.desk.question_progress import first_to_answer
from grader.desk.request import Request
from grader.desk.standing import State, following, standings
from grader.desk.verdicts import Answered, answered, what_changed, where_to_write
from grader.desk.warm.client import Cancelled, Unavailable
from grader.desk.watching.keys import keys
from grader.desk.watching.saves import Saves, tell_of_changes
from grader.errors import GraderError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from grader.course.outline import Outline
    from grader.course.sources import ExerciseFiles
    from grader.desk.judges import StayingJudge
    from grader.desk.watching.screen import Screen
    from grader.results import Verdict


_ONE_MORE = "For the next one, press h again."


class _Saved(NamedTuple):
    """Something below `exercises/` has changed."""


class _Pressed(NamedTuple):
    key: str


class _Said(NamedTuple):
    """What became of the question with that number."""

    number: int
    answer: Answered | Exception


class Watch:
    """One run of `grade watch`."""

    def __init__(self, root: Path, names: Sequence[str], judge: StayingJudge, screen: Screen) -> None:
        """`names` are exercises, lessons or paths; all of the course if empty. Raises `UsageError` for a wrong one."""
        self._root = root
        self._judge = judge
        self._screen = screen
        self._events: queue.Queue[_Saved | _Pressed | _Said] = queue.Queue()
        self._keys = {exercise.key for exercise in choosing.named(self._outline(), names)}
        self._saves = Saves(self._watched())
        self._missing: set[str] = set()
        self._waiting: list[str] = []  # keys of exercises to grade, the newest save first
        self._asked = 0  # the number of the question that is being answered, 0 for none
        self._number = 0
        self._current: str = ""
        self._has_keys = False
        self._last: Verdict | None = None
        self._one_at_a_time = threading.Lock()

    def run(self, *, poll: bool = False) -> None:
        """Watch until `q` or Ctrl-C."""
        stop = threading.Event()
        tell_of_changes(self._root / "exercises", self.saved, stop, poll=poll)
        try:
            with keys(self.pressed) as has_keys:
                self._begin(has_keys=has_keys)
                while self.handle():
                    pass
        except KeyboardInterrupt:
            pass
        finally:
            stop.set()
            self._judge.cancel()

    def saved(self) -> None:
        """Take note that something was saved."""
        self._events.put(_Saved())

    def pressed(self, key: str) -> None:
        """Take note of a key."""
        self._events.put(_Pressed(key))

    def handle(self) -> bool:
        """Wait for what happens next, and do what is to be done; return False if that is to end."""
        match self._events.get():
            case _Saved():
                self._look()
            case _Said(number, answer):
                self._hear(number, answer)
            case _Pressed(key):
                if key == "q":
                    return False
                self._press(key)
        return True

    # --- what happens ---

    def _begin(self, *, has_keys: bool) -> None:
        found = [each for each in standings(self._outline()) if each.exercise.key in self._keys]
        written = [each for each in found if each.state not in (State.NOT_WRITTEN, State.PASSED)]
        count = f"{len(found)} exercises" if len(found) > 1 else found[0].exercise.name
        self._has_keys = has_keys
        self._screen.begin(f"Watching {count}. Save a file to have it graded.")
        if has_keys:
            self._screen.show(self._screen.keys)
        if written:
            here = max(written, key=lambda each: each.exercise.stub.stat().st_mtime_ns)
            self._grade([here.exercise.key])
        else:
            self._go_on(None)
            with contextlib.suppress(Unavailable):  # whoever asks first will hear of it
                self._judge.start()

    def _look(self) -> None:
        watched = self._watched()
        here = {exercise.key for exercise in watched}
        for key in sorted(self._keys - here - self._missing):
            name = key.rpartition("/")[2]
            self._screen.show(f"{key}.py is gone. To have it as it was given out: grade reset {name}")
        self._missing = self._keys - here
        changed = [exercise for exercise in self._saves.changed(watched) if not exercise.untouched]
        if changed:
            newest = sorted(changed, key=lambda exercise: -exercise.stub.stat().st_mtime_ns)
            self._grade([exercise.key for exercise in newest])

    def _hear(self, number: int, answer: Answered | Exception) -> None:
        if number != self._asked:  # a newer save has made it out of date
            return
        self._asked = 0
        if isinstance(answer, Exception):
            self._screen.show(str(answer))
        else:
            self._last = answer.verdict
            self._screen.show(self._screen.verdict(answer.verdict))
            for sentence in what_changed(answer):
                self._screen.show(sentence)
            if answer.change is not None and answer.change.next:
                self._go_on(self._exercise(self._current))
            if self._has_keys:
                self._screen.show(self._screen.reminder)
        self._waiting.pop(0)
        self._ask()

    def _press(self, key: str) -> None:
        exercise = self._exercise(self._current)
        match key:
            case "h" if exercise is not None:
                self._screen.show(self._of(lambda: in_words(take_hint(exercise), _ONE_MORE)))
            case "n":
                self._go_on(exercise)
            case "l":
                outline = self._outline()
                found = [each for each in standings(outline) if each.exercise.key in self._keys]
                self._screen.show(self._screen.listing(course_name(outline.root), found, kept_points(outline)))
            case "a" if self._last is not None:
                self._screen.show(self._screen.everything(self._last))
            case "r" | "\n" if exercise is not None:
                self._grade([exercise.key])
            case _:
                self._screen.show(self._screen.keys)

    def _of(self, what: Callable[[], str]) -> str:
        try:
            return what()
        except UsageError as error:
            return str(error)

    def _go_on(self, after: ExerciseFiles | None) -> None:
        outline = self._outline()
        exercise = following([each for each in standings(outline) if each.exercise.key in self._keys], after)
        if exercise is None:
            self._screen.show("All of these exercises have passed.")
            return
        self._current = exercise.key
        for sentence in first_to_answer(outline, [exercise]):
            self._screen.show(sentence)
        self._screen.show(f"Next: {exercise.name}. {where_to_write(exercise.lesson, exercise.name)}")

    # --- asking ---

    def _grade(self, newest: Sequence[str]) -> None:
        """Grade these exercises before what is waiting, and leave the question that is being answered."""
        self._waiting = [*newest, *(key for key in self._waiting if key not in newest)]
        if self._asked:
            self._asked = 0
            self._judge.cancel()
        self._ask()

    def _ask(self) -> None:
        while self._waiting and self._exercise(self._waiting[0]) is None:  # deleted meanwhile
            self._waiting.pop(0)
        if not self._waiting or self._asked:
            return
        self._number += 1
        self._asked = self._number
        self._current = key = self._waiting[0]
        self._screen.begin(f"{key} ...")
        threading.Thread(target=self._question, args=(self._number, key), daemon=True).start()

    def _question(self, number: int, key: str) -> None:
        """Ask the judge; runs in a thread of its own, and one of these asks at a time."""
        asked = Request(folder=str(self._root), exercises=(key,))

        def heard(_: object) -> None:
            if number != self._asked:
                raise Cancelled

        try:
            with self._one_at_a_time:
                if number != self._asked:
                    return
                judge = self._judge.ask
                said: Answered | Exception = answered(self._outline(), asked, lambda asked: judge(asked, heard))
        except Cancelled:
            return
        except (UsageError, GraderError, Unavailable, OSError) as error:
            said = error
        self._events.put(_Said(number, said))

    # --- the course ---

    def _outline(self) -> Outline:
        return find_outline(self._root)

    def _watched(self) -> list[ExerciseFiles]:
        return [exercise for exercise in self._outline().exercises if exercise.key in self._keys]

    def _exercise(self, key: str) -> ExerciseFiles | None:
        return next((exercise for exercise in self._watched() if exercise.key == key), None)
