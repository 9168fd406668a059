"""Reads and validates what every check is worth, and turns the results of checks into points."""

import json
import math
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from grader.course import Check, Course, Exercise, Lesson, Tier, closest
from grader.errors import UsageError
from grader.faults import reading
from grader.results import CheckResult, CriterionResult, Outcome, Visibility

_SCHEMA_FILE = Path(__file__).parent / "schemas" / "rubric-1.schema.json"
_CALL_SECONDS = 5.0
_SHOWN_CHARACTERS = 60  # of a value that a sentence quotes

KeyPath = tuple[str | int, ...]


class RubricError(UsageError):
    """A rubric is wrong; the text begins with its file and the line of the key."""


@dataclass(frozen=True)
class Criterion:
    """Points that are given when all of its checks pass or, if `manual`, by a person.

    With `tier` "gpu" they can be had on a real model only; until then the criterion is pending.
    """

    title: str
    points: float
    visibility: Visibility
    checks: tuple[str, ...]
    tier: Tier = "cpu"
    manual: bool = False


@dataclass(frozen=True)
class ExerciseRubric:
    """What an exercise is worth, and the rules for a submission to it.

    `forbidden` names the modules that it may not import; `call_seconds` the CPU time one call may take.
    """

    points: float
    criteria: tuple[Criterion, ...]
    forbidden: tuple[str, ...] = ()
    call_seconds: float = _CALL_SECONDS


def load_rubrics(course: Course, lessons: Iterable[str] | None = None) -> dict[tuple[str, str], ExerciseRubric]:
    """Return the rubric of every exercise of the lessons (all of them for None), by `(lesson, exercise)`.

    A student's copy of the course has no `reference/` and so no hidden checks: there, hidden criteria are
    taken as they are.

    Raises:
        RubricError: a rubric is missing, is not TOML, violates `schemas/rubric-1.schema.json`, does not fit
            the course's exercises and checks, or its points do not add up; of several errors the first.
        UsageError: the course has no such lesson.
    """
    known = {lesson.name: lesson for lesson in course.lessons}
    if lessons is None:
        _refuse_orphans(course, known)
    rubrics: dict[tuple[str, str], ExerciseRubric] = {}
    for name in known if lessons is None else lessons:
        if name not in known:
            raise UsageError(f"No lesson is called `{name}`: the lessons are {', '.join(known)}.")
        loaded = _load(course, known[name])
        rubrics.update({(name, exercise): rubric for exercise, rubric in loaded.items()})
    return rubrics


def mark(rubric: ExerciseRubric, checks: Sequence[CheckResult]) -> tuple[CriterionResult, ...]:
    """Return the criteria of an exercise with the points that the results of its checks earn.

    A criterion's points are given when all of its checks passed. Otherwise it has none, and its outcome is
    error if a check has error, else failed if one failed, else skipped. A manual criterion is skipped.

    Raises:
        ValueError: the results are not those of the rubric's checks, each exactly once.
    """
    outcomes = {check.name: check.outcome for check in checks}
    needed = {name for criterion in rubric.criteria for name in criterion.checks}
    odd = (needed ^ outcomes.keys()) | {check.name for check in checks if _count(checks, check.name) > 1}
    if odd:
        raise ValueError(f"Each check of the rubric needs exactly one result; that is not so for {sorted(odd)}.")
    return tuple(_mark(criterion, [outcomes[name] for name in criterion.checks]) for criterion in rubric.criteria)


def _count(checks: Sequence[CheckResult], name: str) -> int:
    return sum(check.name == name for check in checks)


def _mark(criterion: Criterion, outcomes: list[Outcome]) -> CriterionResult:
    if outcomes and all(outcome is Outcome.PASSED for outcome in outcomes):
        outcome = Outcome.PASSED
    else:
        # What passed among skipped ones proves only a part: the criterion is pending, not passed.
        bad = [outcome for outcome in (Outcome.ERROR, Outcome.FAILED) if outcome in outcomes]
        outcome = bad[0] if bad else Outcome.SKIPPED
    return CriterionResult(
        title=criterion.title,
        points=criterion.points if outcome is Outcome.PASSED else 0.0,
        max_points=criterion.points,
        outcome=outcome,
        visibility=criterion.visibility,
        checks=criterion.checks,
        manual=criterion.manual,
    )


class _Finding(NamedTuple):
    """Something wrong with a rubric: the key that it is about, and the sentence after file and line."""

    key: KeyPath
    sentence: str


def _refuse_orphans(course: Course, known: Mapping[str, Lesson]) -> None:
    for path in sorted((course.root / "rubrics").glob("*.toml")):
        if path.stem not in known:
            remedy = _remedy(path.stem, known, "correct the name or remove the file.")
            raise RubricError(f"rubrics/{path.name}:1: there is no lesson exercises/{path.stem}: {remedy}")


def _remedy(name: str, known: Iterable[str], otherwise: str) -> str:
    close = closest(name, known)
    return f"did you mean `{close}`?" if close else otherwise


def _load(course: Course, lesson: Lesson) -> dict[str, ExerciseRubric]:
    place = lesson.rubric.relative_to(course.root).as_posix()
    with reading(lesson.rubric):
        if not lesson.rubric.exists():
            raise RubricError(f"{place} is missing: write down there what the lesson's checks are worth.")
        content = lesson.rubric.read_bytes()
    try:
        text = content.decode("utf-8-sig")
        data = tomllib.loads(text, parse_float=_finite)
    except UnicodeDecodeError as error:
        raise RubricError(f"{place}:1: the file is not UTF-8 (byte {error.start}): save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise RubricError(_not_toml(place, text, error)) from error
    findings = list(_schema_findings(data))
    rubrics: dict[str, ExerciseRubric] = {}
    if not findings:
        rubrics = {name: _exercise_rubric(table) for name, table in data["exercises"].items()}
        students_copy = not (course.root / "reference").is_dir()
        findings = list(_course_findings(data["points"], rubrics, lesson, students_copy))
    if findings:
        lines = key_lines(text)
        first = min(findings, key=lambda finding: _line_of(finding.key, lines))
        raise RubricError(f"{place}:{_line_of(first.key, lines)}: {first.sentence}")
    return rubrics


def _finite(text: str) -> float | str:
    """Read a float; NaN and infinities stay texts, which the schema then refuses by name."""
    value = float(text)
    return value if math.isfinite(value) else text


def _not_toml(place: str, text: str, error: tomllib.TOMLDecodeError) -> str:
    found = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", str(error))
    line = found[1] if found and found[1] else len(text.splitlines()) or 1
    reason = str(error)[: found.start()] if found else str(error)
    return f"{place}:{line}: the file is no TOML ({reason}): correct it."


def _exercise_rubric(table: Mapping[str, Any]) -> ExerciseRubric:
    criteria = tuple(
        Criterion(
            title=criterion["title"],
            points=float(criterion["points"]),
            visibility=criterion["visibility"],
            checks=tuple(criterion.get("checks", ())),
            tier=criterion.get("tier", "cpu"),
            manual=criterion.get("manual", False),
        )
        for criterion in table["criteria"]
    )
    return ExerciseRubric(
        points=float(table["points"]),
        criteria=criteria,
        forbidden=tuple(table.get("forbidden", ())),
        call_seconds=float(table.get("call_seconds", _CALL_SECONDS)),
    )


def _schema_findings(data: Mapping[str, Any]) -> Iterator[_Finding]:
    # Imported here because it costs more than all the rest of a listing.
    import jsonschema

    schema = json.loads(_SCHEMA_FILE.read_text(encoding="utf-8"))
    for error in jsonschema.Draft202012Validator(schema).iter_errors(data):
        yield from _in_sentences(error)


def _in_sentences(error: Any) -> Iterator[_Finding]:
    """Yield what one violation of the schema means; the schema's descriptions say what ought to be there."""
    path, schema, found = tuple(error.absolute_path), error.schema, error.instance
    if error.validator == "required":
        unknown = found.keys() - schema["properties"].keys()
        missing = [key for key in schema["required"] if key not in found]
        # A misspelt key is missing too, but the line that matters is where it stands.
        for key in [key for key in missing if not closest(key, unknown)]:
            due = schema["properties"][key]["description"]
            yield _Finding(path, f"key `{key}` is missing {_table(path)}: add {due}.")
    elif error.validator == "additionalProperties":
        for key in [key for key in found if key not in schema["properties"]]:
            remedy = _remedy(key, schema["properties"], "remove it.")
            yield _Finding((*path, key), f"key `{key}` is unknown {_table(path)}: {remedy}")
    else:
        description = schema["description"]
        yield _Finding(path, f"{_key(path)} is wrong: found {_as_toml(found)}, write {description}.")


def _table(path: KeyPath) -> str:
    names = [str(part) for part in path if isinstance(part, str)]
    return f"in [{'.'.join(names)}]" if names else "at the top"


def _key(path: KeyPath) -> str:
    if isinstance(path[-1], int):
        return f"entry {path[-1] + 1} of key `{path[-2]}`"
    return f"key `{path[-1]}`"


def _as_toml(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."


def _course_findings(
    points: float, rubrics: Mapping[str, ExerciseRubric], lesson: Lesson, students_copy: bool
) -> Iterator[_Finding]:
    """Yield what does not fit the course, or does not add up."""
    exercises = {exercise.name: exercise for exercise in lesson.exercises}
    for name in rubrics:
        if name not in exercises:
            remedy = _remedy(name, exercises, "write the stub or remove the table.")
            yield _Finding(("exercises", name), f"there is no stub exercises/{lesson.name}/{name}.py: {remedy}")
    for name, exercise in exercises.items():
        if name not in rubrics:
            yield _Finding(("exercises",), f"exercise `{name}` has no points: add a table [exercises.{name}].")
        else:
            yield from _exercise_findings(rubrics[name], exercise, students_copy)
    total = math.fsum(rubric.points for rubric in rubrics.values())
    if not math.isclose(points, total, abs_tol=1e-9):
        yield _Finding(
            ("points",),
            f"key `points` is {points:g}, but those of the exercises add up to {total:g}: make them equal.",
        )


def _exercise_findings(rubric: ExerciseRubric, exercise: Exercise, students_copy: bool) -> Iterator[_Finding]:
    key: KeyPath = ("exercises", exercise.name)
    known = {check.name: check for check in exercise.checks}
    first: dict[str, int] = {}
    for index, criterion in enumerate(rubric.criteria):
        here = (*key, "criteria", index)
        yield from _criterion_findings(here, criterion)
        for name in criterion.checks:
            earlier = first.setdefault(name, index)
            if earlier != index:
                title = _as_toml(rubric.criteria[earlier].title)
                sentence = f"check `{name}` is already in the criterion {title}: keep it in one."
                yield _Finding((*here, "checks"), sentence)
            # A student's copy cannot tell a hidden check from a misspelt one.
            elif name in known or not (students_copy and criterion.visibility == "hidden"):
                yield from _check_findings(here, criterion, name, known)
    for name in known:
        if name not in first:
            yield _Finding(key, f"check `{name}` is in no criterion: add it to the `checks` of one.")
    total = math.fsum(criterion.points for criterion in rubric.criteria)
    if not math.isclose(rubric.points, total, abs_tol=1e-9):
        sentence = f"key `points` is {rubric.points:g}, but the criteria add up to {total:g}: make them equal."
        yield _Finding((*key, "points"), sentence)


def _criterion_findings(key: KeyPath, criterion: Criterion) -> Iterator[_Finding]:
    if criterion.manual and criterion.checks:
        yield _Finding(
            (*key, "manual"),
            f"the criterion {_as_toml(criterion.title)} is manual and has checks: remove one of the two.",
        )
    if not criterion.manual and not criterion.checks:
        title = _as_toml(criterion.title)
        yield _Finding(key, f"the criterion {title} has no checks: name some or say `manual = true`.")


def _check_findings(key: KeyPath, criterion: Criterion, name: str, known: Mapping[str, Check]) -> Iterator[_Finding]:
    if name not in known:
        remedy = _remedy(name, known, "correct the name or write the check.")
        yield _Finding((*key, "checks"), f"check `{name}` does not exist: {remedy}")
        return
    if known[name].visibility != criterion.visibility:
        yield _Finding(
            (*key, "visibility"),
            f'key `visibility` is "{criterion.visibility}", but check `{name}` is {known[name].visibility}: '
            "put checks of both kinds into criteria of their own.",
        )
    if criterion.tier not in known[name].tiers:
        only = " and ".join(f'"{tier}"' for tier in known[name].tiers)
        remedy = 'say tier = "gpu"' if criterion.tier == "cpu" else 'mark it @pytest.mark.tier("cpu", "gpu")'
        yield _Finding(
            (*key, "checks"),
            f'the criterion is of tier "{criterion.tier}", but check `{name}` runs on tier {only} only: {remedy}.',
        )


_NAME = r"""(?:[A-Za-z0-9_-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*')"""
_KEY_NAME = re.compile(_NAME)
_DOTTED = rf"{_NAME}(?:[ \t]*\.[ \t]*{_NAME})*"
_HEADER = re.compile(rf"(?P<open>\[\[?)[ \t]*(?P<keys>{_DOTTED})[ \t]*\]\]?")
_ASSIGNMENT = re.compile(rf"(?P<keys>{_DOTTED})[ \t]*=")
_SPACE = re.compile(r"(?:\s|#[^\n]*)+")
_VALUE_TOKEN = re.compile(
    r"""
    (?P<text> \"{3}(?:\\.|[^\\])*?\"{3,5} | '{3}.*?'{3,5} | "(?:\\.|[^"\\\n])*" | '[^'\n]*' )
    | (?P<comment> \#[^\n]* )
    | (?P<open> [\[{] )
    | (?P<close> [\]}] )
    | (?P<end> \n )
    | (?P<other> [^"'\#\[\]{}\n]+ )
    """,
    re.VERBOSE | re.DOTALL,
)


def key_lines(text: str) -> dict[KeyPath, int]:
    """Return the line, counted from 1, on which each table and key of a valid TOML text begins.

    `tomllib` does not tell. A table in an array of tables has its index in its path, as in the parsed
    document; what stands inside an inline table or an array is left out.
    """
    lines: dict[KeyPath, int] = {}
    sizes: dict[KeyPath, int] = {}  # of the arrays of tables
    table: KeyPath = ()
    position = 0
    while position < len(text):
        if blank := _SPACE.match(text, position):
            position = blank.end()
            continue
        line = text.count("\n", 0, position) + 1
        if header := _HEADER.match(text, position):
            is_array = header["open"] == "[["
            table = _absolute(_names(header["keys"]), sizes, is_array)
            _note(lines, table, line)
            position = header.end()
        elif assignment := _ASSIGNMENT.match(text, position):
            _note(lines, table + _names(assignment["keys"]), line)
            position = _end_of_value(text, assignment.end())
        else:  # no valid TOML: what was found up to here still helps
            break
    return lines


def _names(dotted: str) -> tuple[str, ...]:
    """Split a dotted key; quoted names are read as TOML reads them."""
    return tuple(next(iter(tomllib.loads(f"{name} = 0"))) for name in _KEY_NAME.findall(dotted))


def _absolute(names: tuple[str, ...], sizes: dict[KeyPath, int], is_array: bool) -> KeyPath:
    """Return a header's path, in which every array of tables is followed by the index of its last table."""
    path: KeyPath = ()
    for depth, name in enumerate(names, start=1):
        path += (name,)
        if is_array and depth == len(names):
            sizes[path] = sizes.get(path, 0) + 1
        if path in sizes:
            path += (sizes[path] - 1,)
    return path


def _note(lines: dict[KeyPath, int], path: KeyPath, line: int) -> None:
    for depth in range(1, len(path) + 1):
        lines.setdefault(path[:depth], line)


def _end_of_value(text: str, position: int) -> int:
    """Return the position after a value: the first line end that is in no text and no bracket."""
    depth = 0
    while token := _VALUE_TOKEN.match(text, position):
        position = token.end()
        depth += (token.lastgroup == "open") - (token.lastgroup == "close")
        if token.lastgroup == "end" and depth <= 0:
            break
    return position


def _line_of(key: KeyPath, lines: Mapping[KeyPath, int]) -> int:
    """Return the line of a key, or of the nearest table around it."""
    while key and key not in lines:
        key = key[:-1]
    return lines.get(key, 1)
