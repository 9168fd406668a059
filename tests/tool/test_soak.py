"""One process grades submission after submission without growing or leaving anything behind."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

from grader.course.finding import find_course
from grader.grading import Grader
from grader.results import Outcome
from grader.sandbox.outside.server import ForkServer, Isolation
from grader.submission.reading import read_submission

COURSE = find_course(Path(__file__).parents[2])
ROUNDS = 150


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.confined
@pytest.mark.slow
def test_hundreds_of_submissions_leave_memory_and_descriptors_as_they_were() -> None:
    (exercise,) = COURSE.select(["reverse_step"])
    paths = [path for path in (exercise.solution, *exercise.wrong) if path is not None]
    memory, descriptors = [], []
    with ForkServer(Isolation.STRICT) as server:
        grader = Grader(COURSE, server)
        for number in range(ROUNDS):
            verdict = grader.grade(read_submission(paths[number % len(paths)]), [exercise])
            assert verdict.outcome is (Outcome.FAILED if number % len(paths) else Outcome.PASSED)
            gc.collect()
            memory.append(resident_bytes())
            descriptors.append(len(list(Path("/proc/self/fd").iterdir())))
    assert descriptors[-1] <= descriptors[len(paths)]
    assert memory[-1] - memory[ROUNDS // 2] < 10 * 2**20
