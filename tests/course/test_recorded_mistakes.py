"""What is recorded of known mistakes is what the variants answer today."""

from __future__ import annotations

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
