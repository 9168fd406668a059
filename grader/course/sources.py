"""Which files an exercise consists of: what students get, what they do not, and everything that decides a result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.course.imports import imported_files
from grader.course.syntax import is_unwritten_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


WORKBENCH = "_workbench.py"
QUESTIONS = "questions"  # the name of the exercise that a lesson's questions make, and of its files
ANSWERS = "answers.toml"  # what a student answers them in, and in `reference/`, what is right


@dataclass(frozen=True)
class ExerciseFiles:
    """The files of an exercise; `reference` is the folder of its answers, None in a student's copy.

    The questions of a lesson are an exercise too (see `is_questions`): what a student writes is `answers.toml`, and
    what it is judged by is `questions.toml`. It has no code, so no stub, checks, variants or workers.
    """

    lesson: str
    name: str
    stub: Path
    public_checks: Path
    reference: Path | None

    @property
    def key(self) -> str:
        """What names it among all exercises of the course: `LESSON/NAME`."""
        return f"{self.lesson}/{self.name}"

    @property
    def root(self) -> Path:
        """The course's folder."""
        return self.stub.parents[2]

    @property
    def is_questions(self) -> bool:
        """Whether these are the questions of a lesson, which are answered in `answers.toml`, and no code."""
        return self.stub.name == ANSWERS

    @property
    def untouched(self) -> bool:
        """Whether every function of the stub is still as it was given out."""
        return not self.stub.exists() if self.is_questions else is_unwritten_file(self.stub)

    @property
    def answer_key(self) -> Path | None:
        """The answers to a lesson's questions, None where there are none."""
        return _existing(self.reference, ANSWERS) if self.is_questions else None

    @property
    def solution(self) -> Path | None:
        """The reference solution, None where there is none."""
        return _existing(self.reference, "solution.py")

    @property
    def hidden_checks(self) -> Path | None:
        """The file of hidden checks, None where there is none."""
        return _existing(self.reference, "test_hidden.py")

    @property
    def wrong(self) -> tuple[Path, ...]:
        """The wrong variants, sorted by name."""
        return _variants(self.reference, "wrong")

    @property
    def public_sources(self) -> tuple[Path, ...]:
        """What students get of the exercise: its stub, its public checks, and what these lean on."""
        return (self.public_checks,) if self.is_questions else (self.stub, self.public_checks, *self.public_helpers)

    @property
    def workbench(self) -> Path | None:
        """What the course has beside every submission (see `grader.sandbox.workbench`), None where there is nothing."""
        return workbench_of(self.root)

    @property
    def public_helpers(self) -> tuple[Path, ...]:
        """What its public checks lean on: modules they import, their recorded numbers, and the course's workbench."""
        workbench = (self.workbench,) if self.workbench is not None else ()
        return (*self._helpers_of([self.public_checks]), *workbench)

    @property
    def check_sources(self) -> tuple[Path, ...]:
        """Its check files, public and hidden, and the helpers that they import."""
        if self.is_questions:
            return tuple(path for path in (self.public_checks, self.answer_key or self.mistakes) if path is not None)
        checks = tuple(path for path in (self.public_checks, self.hidden_checks) if path is not None)
        return (*checks, *self._helpers_of(checks))

    @property
    def sources(self) -> tuple[Path, ...]:
        """Every file of the course that decides a result: what students get, answers, variants, helpers and rubric."""
        if self.is_questions:
            return tuple(path for path in (*self.check_sources, self.rubric) if path.is_file())
        answers = tuple(sorted(self.reference.rglob("*.py"))) if self.reference is not None else ()
        known = dict.fromkeys((*self.public_sources, *answers, *self._helpers_of(answers), self.rubric))
        return tuple(path for path in known if path.is_file())

    @property
    def rubric(self) -> Path:
        """The rubric of its lesson."""
        return self.root / "rubrics" / f"{self.lesson}.toml"

    def _helpers_of(self, files: Iterable[Path]) -> tuple[Path, ...]:
        modules = imported_files(files, {name: self.root / name for name in ("exercises", "reference")})
        recorded = (path.with_suffix(".safetensors") for path in modules)  # see `grader.checks.recorded`
        return (*modules, *(path for path in recorded if path.is_file()))

    @property
    def recorded_mistakes(self) -> Path | None:
        """Where the answers of its wrong variants are recorded (see `diagnosis.recorded`), None in a student's copy."""
        return self.reference / "mistakes.json" if self.reference is not None and not self.is_questions else None

    @property
    def mistakes(self) -> Path | None:
        """What a student's copy knows of wrong variants (see `diagnosis.recorded`), None where there is nothing.

        Of questions, these are the answers that students may have (see `grader.course.questions.reading`).
        """
        path = self.root / "mistakes" / self.lesson / f"{self.name}.json"
        return path if self.reference is None and path.is_file() else None

    @property
    def accepted(self) -> tuple[Path, ...]:
        """The accepted variants, sorted by name."""
        return _variants(self.reference, "accepted")


def questions_in(root: Path, folder: Path) -> ExerciseFiles | None:
    """Return the exercise that the questions of a lesson make, None where there are none."""
    path = folder / f"{QUESTIONS}.toml"
    if not path.is_file():
        return None
    reference = root / "reference" / folder.name / QUESTIONS
    return ExerciseFiles(folder.name, QUESTIONS, folder / ANSWERS, path, reference if reference.is_dir() else None)


def workbench_of(root: Path) -> Path | None:
    """Return the file of a course's workbench, None where there is none."""
    return _existing(root / "exercises", WORKBENCH)


def _existing(folder: Path | None, name: str) -> Path | None:
    if folder is None or not (folder / name).is_file():
        return None
    return folder / name


def _variants(reference: Path | None, kind: str) -> tuple[Path, ...]:
    if reference is None:
        return ()
    return tuple(sorted(path for path in (reference / kind).glob("*.py") if not path.name.startswith(("_", "."))))
