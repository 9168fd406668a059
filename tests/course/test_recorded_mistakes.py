"""What is recorded of known mistakes is what the variants answer today."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader import edition, fingerprint
from grader.authoring.recording import Task, try_mistakes
from grader.course.finding import find_course
from grader.course.model import Exercise
from grader.diagnosis import recorded
from grader.grading import Grader

if TYPE_CHECKING:
    from grader.course.model import Exercise
    from grader.sandbox.outside.server import ForkServer

COURSE = find_course(Path(__file__).parents[2])


@pytest.mark.parametrize("exercise", COURSE.in_code, ids=lambda exercise: exercise.name)
def test_it_is_fresh(exercise: Exercise) -> None:
    assert not edition.is_stale(exercise), f"run `grade record {exercise.name}`"


@pytest.mark.parametrize("name", ["strength_to_t_start", pytest.param("restore_rows", marks=pytest.mark.slow)])
def test_recording_again_gives_the_same(name: str, server: ForkServer, tmp_path: Path) -> None:
    edition.write(tmp_path, edition.files(COURSE, edition.COURSE, mistakes=False))
    (exercise,) = COURSE.select([name])
    assert exercise.recorded_mistakes is not None
    kept = recorded.read(exercise.recorded_mistakes)
    grader = Grader(find_course(tmp_path), server, diagnosis_seconds=math.inf)
    task = Task(exercise.key, exercise.wrong, fingerprint.of_mistakes(exercise), COURSE.root)
    (tmp_path / "again.json").write_text(try_mistakes(grader, task), encoding="utf-8")
    again = recorded.read(tmp_path / "again.json")
    assert again.mistakes == kept.mistakes
    assert again.fails == kept.fails
    assert [entry.calls for entry in again.entries] == [entry.calls for entry in kept.entries]
    assert all(recorded.agree(a.answers, b.answers) for a, b in zip(again.entries, kept.entries, strict=True))


# They differ in gradients alone, which no public check reads: both are shown, and a sentence says that it may be either.
ALIKE = {
    ("inversion_training_step", "no_backward", "restores_every_row"),
    ("restore_rows", "masks_gradients", "rebinds_the_name"),
}


def same(one: recorded.Entry, other: recorded.Entry) -> bool:
    """Tell whether two mistakes answer a check in the same way, as it is compared with what a student answers."""
    tolerance = 0.0 if one.exact or other.exact else recorded._TOLERANCE
    return one.calls == other.calls and recorded.agree(one.answers, other.answers, tolerance)


def look_alike(exercise: Exercise) -> set[tuple[str, str, str]]:
    """Return pairs of mistakes that fail the same public checks, on the same inputs, with the same answers."""
    assert exercise.recorded_mistakes is not None
    known = recorded.read(exercise.recorded_mistakes)
    public = {check.name for check in exercise.checks if check.visibility == "public"}
    entries: dict[str, dict[str, recorded.Entry]] = {}
    for entry in known.entries:
        if entry.check in public:
            entries.setdefault(entry.variant, {})[entry.check] = entry
    return {
        (exercise.name, one, other)
        for one, other in itertools.combinations(sorted(entries), 2)
        if public.intersection(known.fails[one]) == public.intersection(known.fails[other])
        and all(
            same(entries[one][check], entries[other][check]) for check in entries[one].keys() & entries[other].keys()
        )
    }


def test_public_checks_tell_mistakes_apart() -> None:
    """Else a student is told of two where one is meant."""
    assert {pair for exercise in COURSE.in_code for pair in look_alike(exercise)} == ALIKE
