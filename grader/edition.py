"""An edition of a course: the files that students get of it, named by an allow-list, the same bytes every time.

It is made of recorded data alone and imports nothing heavy, because a wheel is built with it.
"""

from __future__ import annotations

import dataclasses
import json
import re
from typing import TYPE_CHECKING

from grader import fingerprint
from grader.course import hints
from grader.course.questions.markdown import with_questions
from grader.course.questions.reading import answers_to_ship, keys_of, questions_of
from grader.course.rubric_reading import load_rubrics
from grader.course.sources import QUESTIONS
from grader.errors import UsageError
from grader.faults import reading, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from grader.course.model import Course, Exercise, Lesson
    from grader.course.rubric import Criterion, ExerciseRubric
    from grader.results import Visibility

COURSE, SELF_STUDY = "course", "self-study"  # for those who hand in, and for those who may look at the solutions
HIDDEN = "More checks, which count when your instructor grades your work"
PICTURES = (".png", ".jpg", ".svg")
_MARK = re.compile(r"^( *)# step: ", re.MULTILINE)  # of the author of a solution (see `grader.authoring.scaffolding`)
_BLANK = re.compile(r"^ *# blank:.*\n", re.MULTILINE)
_PYTEST = """# The settings of the course's own checks, whatever is set elsewhere: `pytest exercises --submission FILE`.
[pytest]
addopts = --import-mode=importlib -p no:cacheprovider
testpaths = exercises
"""


def files(course: Course, audience: str, *, mistakes: bool = True) -> dict[str, bytes]:
    """Return the files of an edition by path, sorted.

    `audience` is `COURSE` or `SELF_STUDY`. The latter has solutions, pages that answer their questions, and counts only
    what can be reached alone: neither hidden checks nor what a person marks. `mistakes` adds what is recorded of known
    mistakes. The answers to practice questions are always there, obscured; those to questions that count are for
    self-study alone.

    Raises:
        UsageError: a rubric is wrong, or recorded mistakes are missing or stale.
    """
    root = course.root
    rubrics = load_rubrics(course)
    paths = [root / "exercises" / "README.md", root / "constraints.txt"]
    made: dict[str, bytes] = {"pytest.ini": _PYTEST.encode()}
    for lesson in course.lessons:
        paths += [lesson.folder / "README.md", lesson.folder / "lesson.ipynb", lesson.folder / hints.NAME]
        paths += [path for path in sorted((lesson.folder / "pictures").glob("*")) if path.suffix in PICTURES]
        paths += [path for exercise in lesson.exercises for path in exercise.public_sources]
        made[f"rubrics/{lesson.name}.toml"] = _public_rubric(lesson, rubrics, audience).encode()
        if audience == SELF_STUDY:
            made[f"solutions/{lesson.name}.md"] = _solutions(lesson).encode()
        if mistakes:
            made |= {
                f"mistakes/{lesson.name}/{exercise.name}.json": recorded
                for exercise in lesson.in_code
                if (recorded := _recorded(exercise))
            }
        if lesson.questions is not None:
            counting = _counting(lesson.questions, rubrics) if audience == COURSE else ()
            made[f"mistakes/{lesson.name}/{QUESTIONS}.json"] = answers_to_ship(lesson.questions, counting)
    with reading():
        made |= {path.relative_to(root).as_posix(): path.read_bytes() for path in paths if path.is_file()}
    if audience == SELF_STUDY:
        for lesson in course.lessons:
            page = f"exercises/{lesson.name}/README.md"
            if page in made:
                made[page] = _page_to_study_alone(made[page].decode("utf-8"), lesson, rubrics).encode()
    return dict(sorted(made.items()))


def write(root: Path, made: Mapping[str, bytes]) -> None:
    """Write the files of an edition into a folder."""
    for path, content in made.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)


def is_stale(exercise: Exercise) -> bool:
    """Tell whether the mistakes of an exercise are not recorded, or what decides them has changed since."""
    path = exercise.recorded_mistakes
    if path is None or not exercise.wrong:
        return False
    try:
        known = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return True
    return not isinstance(known, dict) or known.get("made_of") != fingerprint.of_mistakes(exercise)


def _recorded(exercise: Exercise) -> bytes | None:
    if is_stale(exercise):
        raise UsageError(
            f"The known mistakes of {exercise.key} are not recorded, or have changed since: run "
            f"`grade record {exercise.name}`."
        )
    path = exercise.recorded_mistakes if exercise.wrong else exercise.mistakes
    return path.read_bytes() if path is not None else None


def _counting(questions: Exercise, rubrics: Mapping[tuple[str, str], ExerciseRubric]) -> list[str]:
    """Return the questions that count, of which a student may not have the answers."""
    rubric = rubrics[questions.lesson, questions.name]
    return [check.name for check in questions.checks if rubric.criterion_of(check.name) is not None]


def _public_rubric(lesson: Lesson, rubrics: Mapping[tuple[str, str], ExerciseRubric], audience: str) -> str:
    """Return a rubric as TOML.

    The hidden criteria of an exercise become one that tells their points alone. For self-study, what nobody can reach
    alone is left out with its points. The questions that count are named, and are hidden as far as nobody has their
    answers.
    """
    kept = {
        exercise.name: [
            criterion
            for criterion in rubrics[lesson.name, exercise.name].criteria
            if audience == COURSE
            or exercise.is_questions
            or not (criterion.manual or criterion.examples or criterion.visibility == "hidden")
        ]
        for exercise in lesson.exercises
    }
    if lesson.questions is not None:
        visibility: Visibility = "hidden" if audience == COURSE else "public"
        kept[QUESTIONS] = [dataclasses.replace(each, visibility=visibility) for each in kept[QUESTIONS]]
        if not kept[QUESTIONS]:  # practice alone needs no table
            del kept[QUESTIONS]
    points = {name: sum(criterion.points for criterion in criteria) for name, criteria in kept.items()}
    lines = [
        'schema = "grader.rubric/1"',
        f"title = {_toml(lesson.name.replace('_', ' ').capitalize())}",
        f"points = {sum(points.values()):g}",
    ]
    after = max((rubrics[lesson.name, name].locate_after for name in kept), default=0)
    lines += [f"locate_after = {after}"] if after else []
    for name, criteria in kept.items():
        rubric = rubrics[lesson.name, name]
        lines += ["", f"[exercises.{name}]", f"points = {points[name]:g}", f"call_seconds = {rubric.call_seconds:g}"]
        lines += [f"forbidden = {_toml(list(rubric.forbidden))}"] if rubric.forbidden else []
        hidden = [
            c for c in criteria if c.visibility == "hidden" and not (c.manual or c.examples) and name != QUESTIONS
        ]
        for criterion in criteria:
            if criterion not in hidden:
                lines += _criterion(name, criterion.title, criterion)
        if hidden:
            lines += _criterion(name, HIDDEN, hidden[0], sum(c.points for c in hidden), ["test_hidden"])
    return "\n".join(lines) + "\n"


def _criterion(
    exercise: str, title: str, criterion: Criterion, points: float | None = None, checks: Sequence[str] | None = None
) -> list[str]:
    named = [] if criterion.examples else list(criterion.checks if checks is None else checks)
    return [
        "",
        f"[[exercises.{exercise}.criteria]]",
        f"title = {_toml(title)}",
        f"points = {criterion.points if points is None else points:g}",
        f"visibility = {_toml(criterion.visibility)}",
        *([f"checks = {_toml(named)}"] if named else []),
        *(["manual = true"] if criterion.manual else []),
        *(["beside_others = true"] if criterion.beside_others else []),
        *([f"examples = {criterion.examples!r}"] if criterion.examples else []),
        *([f"tier = {_toml(criterion.tier)}"] if criterion.tier != "cpu" else []),
    ]


def _toml(value: str | list[str]) -> str:
    return json.dumps(value, ensure_ascii=False)  # what JSON writes of texts and lists of them is TOML too


def _solutions(lesson: Lesson) -> str:
    parts = [f"# Solutions: {lesson.name}\n\nTry first, then unfold.\n"]
    for exercise in lesson.exercises:
        if exercise.solution is not None:
            source = _MARK.sub(r"\1# ", _BLANK.sub("", text_of(exercise.solution))).strip()
            parts.append(
                f'<a id="{exercise.name}"></a>\n\n<details><summary>{exercise.name}</summary>\n\n'
                f"```python\n{source}\n```\n\n</details>\n"
            )
    return "\n".join(parts)


def _page_to_study_alone(page: str, lesson: Lesson, rubrics: Mapping[tuple[str, str], ExerciseRubric]) -> str:
    """Return a lesson's page with the answers to its questions, and links to the solutions after those to the stubs."""
    for exercise in lesson.exercises:
        link = re.compile(rf"\[[^\]\n]*\]\({re.escape(exercise.name)}\.py\)")
        page = link.sub(rf"\g<0> ([solution](../../solutions/{lesson.name}.md#{exercise.name}))", page, count=1)
    if lesson.questions is None:
        return page
    questions = {question.name: question for question in questions_of(lesson.questions)}
    return with_questions(page, questions, rubrics[lesson.name, QUESTIONS], keys_of(lesson.questions))
