"""Collects one result for each check of a pytest run, whatever happens during it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from grader import faults
from grader.errors import GraderError
from grader.plugin.outcome import Explained, explain
from grader.results import CheckResult, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pytest

    from grader.checks.assertions import Strayed
    from grader.course.model import Check, Exercise
    from grader.plugin.judge import Judge
    from grader.sandbox.outside.transcript import CallRecord


class Example(NamedTuple):
    """A failing example: its calls, what came out and what was expected of it, and how far a run has strayed.

    `calls` are missing where their data is large, `values` where nothing was compared.
    """

    calls: Sequence[CallRecord]
    values: tuple[object, object] | None
    path: tuple[Strayed, ...]


class Recorder:
    """Keeps the result of every check that a judge has run."""

    def __init__(self, judge: Judge, finished: Callable[[Exercise, str], None] | None = None) -> None:
        """`finished` is called with every check as soon as it has ended."""
        self.judge = judge
        self._finished = finished
        self._explained: dict[tuple[Exercise, str], Explained] = {}
        self._seconds: dict[tuple[Exercise, str], float] = {}
        self.broken: dict[object, str] = {}
        self._failing_calls: dict[tuple[Exercise, str], Sequence[CallRecord]] = {}

    def results(self, exercise: Exercise) -> tuple[CheckResult, ...]:
        """Return one result for every check of the exercise; one that did not run is the grader's error."""
        return tuple(self._result(exercise, check) for check in exercise.checks)

    def suspected(self, exercise: Exercise) -> list[str]:
        """Return the checks of the exercise that broke after an answer of the submission."""
        return [name for (of, name), explained in self._explained.items() if of == exercise and explained.failed]

    def settle(self, exercise: Exercise, name: str) -> None:
        """Take a check that broke for failed, because it passes for the solution."""
        self._explained[exercise, name] = self._explained[exercise, name].failed or self._explained[exercise, name]

    def failing_calls(self, exercise: Exercise) -> dict[str, Sequence[CallRecord]]:
        """Return the calls of the failing example of every failed check of the exercise."""
        return {
            name: self._failing_calls[key]
            for key in self._explained
            if (name := key[1]) and key[0] == exercise and self._explained[key].outcome is Outcome.FAILED
        }

    def examples(self, exercise: Exercise) -> dict[str, Example]:
        """Return the failing example of every failed check of the exercise, with all its values."""
        return {
            name: Example(calls, self._explained[exercise, name].values, self._explained[exercise, name].path)
            for name, calls in self.failing_calls(exercise).items()
        }

    def failed(self, exercise: Exercise) -> list[str]:
        """Return the checks of the exercise that failed, in the order in which they ran.

        Raises `GraderError` if one could not be decided, or none was run.
        """
        ran = {name: explained for (of, name), explained in self._explained.items() if of == exercise}
        for explained in ran.values():
            if explained.outcome is Outcome.ERROR:
                raise GraderError(explained.message)
        if not ran:
            raise GraderError(next(iter(self.broken.values()), "The grader ran no check."))
        return [name for name, explained in ran.items() if explained.outcome is Outcome.FAILED]

    def _result(self, exercise: Exercise, check: Check) -> CheckResult:
        key = (exercise, check.name)
        absent = Explained(Outcome.ERROR, self.broken.get(check.path, "The grader did not run this check."))
        explained = self._explained.get(key, absent)
        found = explained.counterexample
        if found is not None and check.visibility == "hidden":
            found = msgspec.structs.replace(found, pictures=())  # a whole answer, to the last pixel
        return CheckResult(
            name=check.name,
            title=check.title,
            visibility=check.visibility,
            outcome=explained.outcome,
            message=explained.message,
            seconds=round(self._seconds.get(key, 0.0), 6),
            counterexample=found,
            diagnosis=(),
            crashed=explained.crashed,
        )

    # --- what pytest tells ---

    def note_call(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Keep the outcome of a phase of a check; of a parametrised check, the first failure counts."""
        exercise = self.judge.exercise_of(item.path)
        key = (exercise, _name_of(item))
        self._seconds[key] = self._seconds.get(key, 0.0) + call.duration
        session = self.judge.session(exercise)
        if call.excinfo is not None:
            explained = explain(call.excinfo.value, exercise, session)
            if explained.outcome is Outcome.ERROR:
                faults.show(call.excinfo.value)
            if key not in self._explained or self._explained[key].outcome in (Outcome.PASSED, Outcome.SKIPPED):
                self._explained[key] = explained
                self._failing_calls[key] = session.transcript.replayable() if session else ()
        elif call.when == "call":
            self._explained.setdefault(key, Explained(Outcome.PASSED))
        if call.when == "teardown" and self._finished is not None and _ends_its_check(item):
            self._finished(exercise, key[1])

    def note_collection(self, report: pytest.CollectReport) -> None:
        """Keep why a check file could not be collected."""
        if report.failed:
            faults.show_text(str(report.longrepr))
            reason = str(report.longrepr).strip().splitlines()[-1].removeprefix("E").strip()
            path = self.judge.course.root / report.nodeid
            self.broken[path] = faults.with_hint(f"The check file {report.nodeid} cannot be imported: {reason}.")


def _ends_its_check(item: pytest.Item) -> bool:
    """Tell whether nothing more of a check will run: of a parametrised one, whether this was the last of its items."""
    items = item.session.items
    following = items[items.index(item) + 1 :]
    return not following or (following[0].path, _name_of(following[0])) != (item.path, _name_of(item))


def _name_of(item: pytest.Item) -> str:
    name: str = getattr(item, "originalname", item.name)
    return name
