"""Says whether `grade locate NAME` is mentioned after a verdict: a course may offer it after some failed tries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.results import Outcome

if TYPE_CHECKING:
    from grader.course.sources import ExerciseFiles
    from grader.desk.progress_file import Progress

KEY = "locate_after"  # in a lesson's rubric


def offer(exercise: ExerciseFiles, progress: Progress) -> str:
    """Return a sentence that names the command that finds where a mistake is, "" where it is not to be mentioned."""
    remembered = progress.exercises.get(exercise.key)
    if remembered is None or remembered.outcome is not Outcome.FAILED:
        return ""
    return offer_after(exercise, progress.failed_tries.get(exercise.key, 0), f"grade locate {exercise.name}")


def offer_after(exercise: ExerciseFiles, failed_tries: int, command: str) -> str:
    """Return the sentence for an exercise that has failed as often as this, "" for none."""
    after = 0 if exercise.is_questions or not failed_tries else _offered_after(exercise)
    return f"`{command}` looks for the line where the mistake is." if after and failed_tries >= after else ""


def _offered_after(exercise: ExerciseFiles) -> int:
    """Return after how many failed tries the lesson's rubric has it mentioned, 0 for never."""
    import tomllib  # only after a failure

    try:
        return int(tomllib.loads(exercise.rubric.read_text(encoding="utf-8-sig")).get(KEY, 0))
    except (OSError, ValueError, TypeError):  # whoever grades says what is wrong with it
        return 0
