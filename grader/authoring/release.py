"""Makes what students get of a course: by allow-list, the same bytes for the same course, proven to leak no answer."""

from __future__ import annotations

import ast
import json
import re
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import grader
from grader.batch.jobs import Settings, all_results
from grader.course import parse
from grader.errors import UsageError
from grader.faults import reading, text_of, writing
from grader.rubric import load_rubrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from grader.course import Course, Lesson
    from grader.grading import Grader
    from grader.rubric import Criterion, ExerciseRubric

SELF_STUDY = "self-study"
HIDDEN = "More checks, which count when your instructor grades your work"
LEAST_STRING = 24  # characters of a text that cannot stand in two places by chance
LEAST_NODES = 30  # of a function's syntax tree, likewise
_ANOTHER = "name another folder."
_PICTURES = (".png", ".jpg", ".svg")
_PYTEST = """# The settings of the course's own checks, whatever is set elsewhere: `pytest exercises --submission FILE`.
[pytest]
addopts = --import-mode=importlib -p no:cacheprovider
testpaths = exercises
"""


class Leak(NamedTuple):
    """Something of the answers that stands in a released file."""

    path: str
    answer: str
    what: str


@dataclass(frozen=True)
class _Task:
    """The wrong variants of an exercise, as texts by name, to be tried on the released public checks."""

    exercise: str
    variants: tuple[Path, ...]


def release(
    course: Course, target: Path, audience: str, jobs: int, finished: Callable[[str], None] | None = None
) -> int:
    """Write a release to a folder that does not exist or is empty, and return how many files it has.

    `audience` is "course", for those who hand in, or "self-study", for those who may look at the solutions.
    `finished` is told of every exercise whose mistakes have been tried.

    Raises:
        UsageError: the folder holds something, a rubric is wrong, or an answer would be given away.
    """
    with writing(target, _ANOTHER):
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise UsageError(f"{target} is not empty: name a folder that does not exist.")
        if not target.absolute().parent.is_dir():
            raise UsageError(f"{target} cannot be made, because there is no folder {target.parent}: {_ANOTHER}")
    rubrics = load_rubrics(course)
    with _folder_beside(target) as folder:
        made = folder / "release"
        files = _files(course, rubrics, audience)
        with writing(target, _ANOTHER):
            _write(made, files)
        mistakes = _mistakes(course, made, jobs, finished)
        with writing(target, _ANOTHER):
            _write(made, mistakes)
        found = leaks(course, made, audience)
        if found:
            first = found[0]
            more = f" ({len(found) - 1} more like this)" if len(found) > 1 else ""
            raise UsageError(f"{first.path} gives away {first.what} of {first.answer}: take it out.{more}")
        with writing(target, _ANOTHER):
            for cache in list(made.rglob("__pycache__")):  # of the checks that were run in it
                shutil.rmtree(cache)
            if target.exists():
                target.rmdir()
            shutil.move(made, target)
    return sum(path.is_file() for path in target.rglob("*"))


@contextmanager
def _folder_beside(target: Path) -> Iterator[Path]:
    """Yield a temporary folder on the target's own disk."""
    with writing(target, _ANOTHER):
        folder = tempfile.TemporaryDirectory(dir=target.absolute().parent, prefix=f".{target.name}.")
    with folder as path:
        yield Path(path)


def _write(root: Path, files: dict[str, bytes]) -> None:
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)


def _files(course: Course, rubrics: dict[tuple[str, str], ExerciseRubric], audience: str) -> dict[str, bytes]:
    """Return the released files by path: what is named here, and nothing else."""
    root = course.root
    paths = [root / "exercises" / "README.md", root / "constraints.txt"]
    files: dict[str, bytes] = {"pytest.ini": _PYTEST.encode(), "requirements.txt": _requirements(course)}
    for lesson in course.lessons:
        paths += [lesson.folder / "README.md", lesson.folder / "lesson.ipynb"]
        paths += [path for path in sorted((lesson.folder / "pictures").glob("*")) if path.suffix in _PICTURES]
        for exercise in lesson.exercises:
            paths += [exercise.stub, exercise.public_checks]
        files[f"rubrics/{lesson.name}.toml"] = _public_rubric(lesson, rubrics).encode()
        if audience == SELF_STUDY:
            files[f"solutions/{lesson.name}.md"] = _solutions(lesson).encode()
    with reading():
        files |= {path.relative_to(root).as_posix(): path.read_bytes() for path in paths if path.is_file()}
    return dict(sorted(files.items()))


def _requirements(course: Course) -> bytes:
    pinned = "--constraint constraints.txt\n" if (course.root / "constraints.txt").is_file() else ""
    return f"{pinned}grader=={grader.__version__}\n".encode()


def _public_rubric(lesson: Lesson, rubrics: dict[tuple[str, str], ExerciseRubric]) -> str:
    """Return the rubric as TOML, with the hidden criteria of an exercise as one that tells their points alone."""
    mine = {exercise.name: rubrics[lesson.name, exercise.name] for exercise in lesson.exercises}
    lines = [
        'schema = "grader.rubric/1"',
        f"title = {_toml(lesson.name.replace('_', ' ').capitalize())}",
        f"points = {sum(rubric.points for rubric in mine.values()):g}",
    ]
    for name, rubric in mine.items():
        lines += ["", f"[exercises.{name}]", f"points = {rubric.points:g}", f"call_seconds = {rubric.call_seconds:g}"]
        lines += [f"forbidden = {_toml(list(rubric.forbidden))}"] if rubric.forbidden else []
        hidden = [c for c in rubric.criteria if c.visibility == "hidden" and not c.manual]
        for criterion in rubric.criteria:
            if criterion not in hidden:
                lines += _criterion(name, criterion.title, criterion)
        if hidden:
            lines += _criterion(name, HIDDEN, hidden[0], sum(c.points for c in hidden), ["test_hidden"])
    return "\n".join(lines) + "\n"


def _criterion(
    exercise: str, title: str, criterion: Criterion, points: float | None = None, checks: Sequence[str] | None = None
) -> list[str]:
    named = list(criterion.checks if checks is None else checks)
    return [
        "",
        f"[[exercises.{exercise}.criteria]]",
        f"title = {_toml(title)}",
        f"points = {criterion.points if points is None else points:g}",
        f"visibility = {_toml(criterion.visibility)}",
        *([f"checks = {_toml(named)}"] if named else []),
        *(["manual = true"] if criterion.manual else []),
        *([f"tier = {_toml(criterion.tier)}"] if criterion.tier != "cpu" else []),
    ]


def _toml(value: str | list[str]) -> str:
    return json.dumps(value, ensure_ascii=False)  # what JSON writes of texts and lists of them is TOML too


def _solutions(lesson: Lesson) -> str:
    parts = [f"# Solutions: {lesson.name}\n\nTry first, then unfold.\n"]
    for exercise in lesson.exercises:
        if exercise.solution is not None:
            source = text_of(exercise.solution).strip()
            parts.append(f"<details><summary>{exercise.name}</summary>\n\n```python\n{source}\n```\n\n</details>\n")
    return "\n".join(parts)


# --- known mistakes ---------------------------------------------------------------------------------------------


def _mistakes(course: Course, released: Path, jobs: int, finished: Callable[[str], None] | None) -> dict[str, bytes]:
    tasks = [_Task(f"{e.lesson}/{e.name}", e.wrong) for e in course.exercises if e.wrong]
    settings = Settings(released, tuple(task.exercise for task in tasks))
    found = all_results(settings, try_mistakes, tasks, jobs, finished or (lambda _name: None)) if tasks else []
    return {f"mistakes/{task.exercise}.json": text.encode() for task, text in zip(tasks, found, strict=True)}


def try_mistakes(grader: Grader, task: _Task) -> str:
    """Return what is known of an exercise's mistakes as JSON, inside a job."""
    from grader import mistakes
    from grader.diagnosis import describe_variant
    from grader.submission import read_submission

    (exercise,) = grader.course.select([task.exercise])
    described = [describe_variant(variant) for variant in task.variants]
    entries = [
        mistakes.entry(variant.stem, check, calls)
        for variant in task.variants
        for check, calls in sorted(grader.failing_calls(read_submission(variant), exercise).items())
        if calls
    ]
    return mistakes.to_json(described, entries)


# --- leaks ------------------------------------------------------------------------------------------------------


def leaks(course: Course, released: Path, audience: str = "course") -> list[Leak]:
    """Return what of the answers stands in the released files: long texts, and functions by their syntax tree.

    What a stub says is no secret, nor are the names of public checks, nor what hidden checks share with public ones.
    Names of mistakes and their explanations are meant for students, in `mistakes/`; for self-study, so is `solutions/`.
    """
    stubs = {exercise.stub.relative_to(course.root).as_posix() for exercise in course.exercises}
    released_files = [
        _Released.read(path, place)
        for path in sorted(released.rglob("*"))
        if path.is_file()
        and path.suffix not in _PICTURES
        and (place := path.relative_to(released).as_posix()) not in stubs
        and not place.startswith(("mistakes/", "solutions/") if audience == SELF_STUDY else "mistakes/")
    ]
    said = "\n".join(text_of(exercise.stub) for exercise in course.exercises)
    checks = [text_of(exercise.public_checks) for exercise in course.exercises]
    public, public_functions = "\n".join(checks), set().union(*map(_fingerprints, checks))
    named = {check.name for exercise in course.exercises for check in exercise.checks if check.visibility == "public"}
    found = []
    for exercise in course.exercises:
        for answer in sorted(exercise.reference.rglob("*.py")) if exercise.reference else ():
            is_check = answer == exercise.hidden_checks
            source = text_of(answer)
            known = public if is_check else ""
            texts = [t for t in _strings(source) if t not in named and t not in said and t not in known]
            trees = _fingerprints(source) - (public_functions if is_check else set())
            name = answer.relative_to(course.root).as_posix()
            for file in released_files:
                found += [Leak(file.place, name, f"the text {text[:60]!r}") for text in texts if file.holds(text)]
                if trees & file.functions:
                    found.append(Leak(file.place, name, "a function"))
    return found


class _Released(NamedTuple):
    """A released file: what it says, and its functions by their syntax trees."""

    place: str
    content: str
    functions: set[str]

    @classmethod
    def read(cls, path: Path, place: str) -> _Released:
        content = path.read_text(encoding="utf-8", errors="replace")
        return cls(place, content, _fingerprints_in(path, content))

    def holds(self, text: str) -> bool:
        """Tell whether the file holds a text, as it is or as JSON writes it."""
        return text in self.content or json.dumps(text)[1:-1] in self.content


def _strings(source: str) -> Iterator[str]:
    """Yield the long string constants of a module, docstrings of wrong and accepted variants among them."""
    for node in ast.walk(parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) >= LEAST_STRING:
            yield node.value


def _fingerprints_in(path: Path, content: str) -> set[str]:
    """Return the functions of a Python file, of the code blocks of a page, or of the cells of a notebook."""
    if path.suffix == ".py":
        return _fingerprints(content)
    if path.suffix == ".ipynb":
        cells = json.loads(content).get("cells", [])
        sources = ["".join(cell.get("source", "")) for cell in cells if cell.get("cell_type") == "code"]
    else:
        sources = re.findall(r"```(?:python|py)?\n(.*?)```", content, re.DOTALL)
    return set().union(*map(_fingerprints, sources)) if sources else set()


def _fingerprints(source: str) -> set[str]:
    """Return the bodies of a source's functions as syntax trees in which names are numbered by their first use."""
    try:
        tree = parse("\n".join(line for line in source.splitlines() if not line.lstrip().startswith(("%", "!"))))
    except (SyntaxError, ValueError):
        return set()
    return {
        _tree(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and sum(1 for _ in ast.walk(node)) >= LEAST_NODES
    }


def _tree(function: ast.FunctionDef) -> str:
    body = function.body[bool(ast.get_docstring(function)) :]
    names: dict[str, str] = {}
    dumped = ast.dump(_WithoutTexts().visit(ast.Module(body, [])))
    return re.sub(r"id='(\w+)'", lambda found: f"id={names.setdefault(found[1], str(len(names)))}", dumped)


class _WithoutTexts(ast.NodeTransformer):
    """Takes out what a message says: to word it anew is no other solution."""

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant("") if isinstance(node.value, str) else node
