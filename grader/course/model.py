"""What a course is: lessons of exercises, each a stub with its checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from grader.course.names import chosen
from grader.course.sources import ExerciseFiles, workbench_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from grader.results import Visibility

Tier = Literal["cpu", "gpu"]  # the tiny model, and a real one
TIERS: tuple[Tier, ...] = get_args(Tier)
ModelUse = Literal["", "worker", "judge"]  # where a check needs the model: nowhere, or beside the submission too


@dataclass(frozen=True)
class Check:
    """A function `test_*` of a check file; `title` is its docstring's first paragraph, on one line.

    `tiers` are those it runs on: those that its mark `@pytest.mark.tier("cpu", "gpu")` names, "cpu" without one.
    `model` is "worker" if it asks for the fixture `sd`, so that a Stable Diffusion is loaded beside the submission, and
    "judge" if it asks for `judge_sd` alone, which only the judge has.
    """

    name: str
    title: str
    visibility: Visibility
    path: Path
    line: int
    tiers: tuple[Tier, ...] = ("cpu",)
    model: ModelUse = ""


@dataclass(frozen=True)
class Function:
    """A function that students write.

    `parameters` are names in order; `returns` is the source text of the result's annotation ("" if there
    is none), `signature` that of the whole signature, for display.
    """

    name: str
    parameters: tuple[str, ...]
    returns: str
    signature: str


@dataclass(frozen=True)
class Exercise(ExerciseFiles):
    """A stub with its checks, or the questions of a lesson, each of which is a check."""

    title: str
    functions: tuple[Function, ...]
    checks: tuple[Check, ...]

    @property
    def on_model(self) -> bool:
        """Whether the tiny model stands beside a submission."""
        return self.uses_model("cpu", "worker")

    def uses_model(self, tier: Tier, *where: ModelUse) -> bool:
        """Tell whether a check that runs on a tier needs the model in one of these places, by default in any."""
        return any(tier in check.tiers and check.model in (where or ("worker", "judge")) for check in self.checks)


@dataclass(frozen=True)
class Lesson:
    """A folder of exercises, sorted by name; `rubric` is where its points are written down."""

    name: str
    folder: Path
    rubric: Path
    exercises: tuple[Exercise, ...]

    @property
    def in_code(self) -> tuple[Exercise, ...]:
        """The exercises that are solved in code: all but its questions."""
        return tuple(exercise for exercise in self.exercises if not exercise.is_questions)

    @property
    def questions(self) -> Exercise | None:
        """The exercise that its questions make, None where there are none."""
        return next((exercise for exercise in self.exercises if exercise.is_questions), None)


@dataclass(frozen=True)
class Course:
    """A folder with `exercises/` in it; `name` is the first heading of its README, or the folder's."""

    root: Path
    name: str
    lessons: tuple[Lesson, ...]

    @property
    def workbench(self) -> Path | None:
        """What stands beside every submission (see `grader.sandbox.workbench`), None where there is nothing."""
        return workbench_of(self.root)

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        """The exercises of all lessons, in the order of the course."""
        return tuple(exercise for lesson in self.lessons for exercise in lesson.exercises)

    @property
    def in_code(self) -> tuple[Exercise, ...]:
        """The exercises of all lessons that are solved in code."""
        return tuple(exercise for lesson in self.lessons for exercise in lesson.in_code)

    def select(self, names: Sequence[str]) -> tuple[Exercise, ...]:
        """Return the named exercises, each once and in the order of the course; all of them for no name.

        A name is a lesson's, an exercise's, `lesson/exercise`, or the path of a stub or of a lesson's folder; of equal
        names a lesson's goes first.

        Raises:
            UsageError: a name is unknown (the closest is offered) or is an exercise's in several lessons.
        """
        return chosen(self.root, self.lessons, names)
