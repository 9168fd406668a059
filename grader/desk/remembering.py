"""Keeps verdicts on the work in place: in short for the list of exercises, and whole to show them again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from grader.atomic import write_atomically
from grader.desk import attempts
from grader.desk.made_of import course_hash, work_hash
from grader.desk.offering import offer
from grader.desk.progress_file import FOLDER, Progress, Remembered, own_folder, read_progress, update_progress
from grader.desk.standing import State, following, in_code, standings
from grader.errors import UsageError
from grader.results import Outcome, from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from grader.course.outline import Outline
    from grader.course.sources import ExerciseFiles
    from grader.results import ExerciseResult, Verdict

_VERDICTS = "verdicts"


class Change(NamedTuple):
    """What a verdict has changed: how many checks pass now that failed before, and what is next after a pass.

    `next` is "" unless exactly one exercise was graded and passed; `complete` tells that all exercises have passed now.
    `offer` names the command that finds the place of a mistake, if one exercise failed and the course offers it now.
    """

    mended: int
    next: str
    complete: bool
    offer: str = ""


def fingerprints(exercises: Sequence[ExerciseFiles]) -> dict[str, tuple[str, str]]:
    """Return what verdicts on these exercises are made of, by `LESSON/NAME`; to be taken before they are graded."""
    return {exercise.key: (work_hash(exercise), course_hash(exercise)) for exercise in exercises}


def remember(outline: Outline, verdict: Verdict, made_of: Mapping[str, tuple[str, str]]) -> Change:
    """Keep a verdict on the work in place.

    `made_of` is what `fingerprints` returned before the work was read. An exercise that has been saved since is left
    out: which of the two states was graded, nobody knows.
    """
    by_key = {exercise.key: exercise for exercise in outline.exercises}
    before = read_progress(outline.root)
    known: dict[str, Remembered] = {}
    for result in verdict.exercises:
        key = f"{result.lesson}/{result.name}"
        if key in made_of and made_of[key] == (work_hash(by_key[key]), course_hash(by_key[key])):
            known[key] = _in_short(result, *made_of[key])
            _keep_whole(outline.root, verdict, result)
    begun = frozenset(key for key in known if not by_key[key].untouched)
    graded = {f"{result.lesson}/{result.name}": result for result in verdict.exercises}
    attempts.note(outline.root, [(graded[key], known[key].work, known[key].when) for key in sorted(begun)])
    after = update_progress(outline.root, lambda progress: _with(progress, known, begun))
    found = standings(outline, after)
    after_it = None
    if len(known) == 1 and verdict.outcome is Outcome.PASSED:
        after_it = following(found, by_key[next(iter(known))])
    return Change(
        mended=sum(_mended(before.exercises[key], known[key]) for key in known if key in before.exercises),
        next=after_it.name if after_it else "",
        complete=bool(known) and all(each.state is State.PASSED for each in in_code(found)),
        offer=offer(by_key[next(iter(known))], after) if len(known) == 1 else "",
    )


def last_verdict(root: Path, exercise: ExerciseFiles) -> Verdict | None:
    """Return the whole verdict on an exercise if it is on the work as it is now, else None."""
    remembered = read_progress(root).exercises.get(exercise.key)
    if remembered is None or (remembered.work, remembered.course) != (work_hash(exercise), course_hash(exercise)):
        return None
    try:
        return from_json(_place(root, exercise.lesson, exercise.name).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # it can be had again
        return None


def _in_short(result: ExerciseResult, work: str, course: str) -> Remembered:
    return Remembered(
        work=work,
        course=course,
        outcome=result.outcome,
        passed=sum(check.outcome is Outcome.PASSED for check in result.checks),
        failed=tuple(check.name for check in result.checks if check.outcome in (Outcome.FAILED, Outcome.ERROR)),
        points=result.points,
        max_points=result.max_points,
        when=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _mended(before: Remembered, now: Remembered) -> int:
    return len(set(before.failed) - set(now.failed)) if now.passed > before.passed else 0


def _with(progress: Progress, known: Mapping[str, Remembered], begun: Collection[str]) -> Progress:
    """Return the progress with these verdicts; the exercises that somebody has `begun` may have failed once more."""
    tries = dict(progress.failed_tries)
    for key, now in known.items():
        before = progress.exercises.get(key)
        if now.outcome is Outcome.PASSED:
            tries.pop(key, None)
        elif now.outcome is Outcome.FAILED and key in begun and (before is None or before.work != now.work):
            tries[key] = tries.get(key, 0) + 1
    exercises = dict(sorted({**progress.exercises, **known}.items()))
    return msgspec.structs.replace(progress, exercises=exercises, failed_tries=tries)


def _keep_whole(root: Path, verdict: Verdict, result: ExerciseResult) -> None:
    alone = msgspec.structs.replace(verdict, exercises=(result,), points=result.points, max_points=result.max_points)
    path = _place(root, result.lesson, result.name)
    try:
        own_folder(root)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, to_json(alone))
    except (OSError, UsageError):
        return  # `update_progress` says that nothing can be written here


def _place(root: Path, lesson: str, name: str) -> Path:
    return root / FOLDER / _VERDICTS / lesson / f"{name}.json"
