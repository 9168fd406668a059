"""Records the known mistakes of a small course in this process, on a fork server that is warm already."""

from __future__ import annotations

import math
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from grader.authoring import recording
from grader.course.finding import find_course
from grader.grading import Grader
from grader.jobs import Worked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from grader.jobs import Settings
    from grader.sandbox.outside.server import ForkServer


@contextmanager
def recording_with(server: ForkServer) -> Iterator[None]:
    """Have whatever records mistakes do it here: it would start a process of its own, which imports everything anew."""
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(recording, "work_off", partial(_work_off, server))
        yield


def _work_off(
    server: ForkServer,
    settings: Settings,
    work: Callable[[Grader, Any], str],
    tasks: Sequence[Any],
    _jobs: int,
    keep: Callable[[Any, str], None],
) -> Worked[Any, str]:
    course = find_course(settings.root)
    lessons = dict.fromkeys(exercise.lesson for exercise in course.exercises)
    grader = Grader(course, server, lessons=lessons, diagnosis_seconds=math.inf)
    found = {task: work(grader, task) for task in tasks}
    for task, text in found.items():
        keep(task, text)
    return Worked(found, [], [])
