"""Finds a course with its lessons, exercises and checks by name, without running any of it."""

import ast
import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from grader.errors import UsageError
from grader.faults import reading, text_of
from grader.imports import imported_files, parse
from grader.results import Visibility

Tier = Literal["cpu", "gpu"]  # the tiny model, and a real one
TIERS: tuple[Tier, ...] = get_args(Tier)
WORKBENCH = "_workbench.py"


@dataclass(frozen=True)
class Check:
    """A function `test_*` of a check file; `title` is its docstring's first paragraph, on one line.

    `tiers` are those it runs on: those that its mark `@pytest.mark.tier("cpu", "gpu")` names, "cpu" without one.
    """

    name: str
    title: str
    visibility: Visibility
    path: Path
    line: int
    tiers: tuple[Tier, ...] = ("cpu",)


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
class Exercise:
    """A stub with its checks; `reference` is the folder of its answers, None in a student's copy.

    `on_model` tells whether a check asks for the fixture `sd`, so that a Stable Diffusion must be loaded.
    """

    lesson: str
    name: str
    title: str
    stub: Path
    public_checks: Path
    reference: Path | None
    functions: tuple[Function, ...]
    checks: tuple[Check, ...]
    on_model: bool = False

    @property
    def untouched(self) -> bool:
        """Whether every function of the stub still does nothing but raise `NotImplementedError`."""
        return _unwritten(self.stub)

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
        """What students get of the exercise: its stub, its public checks, their helpers, and the course's workbench."""
        workbench = (self.workbench,) if self.workbench is not None else ()
        return (self.stub, self.public_checks, *self._helpers_of([self.public_checks]), *workbench)

    @property
    def check_sources(self) -> tuple[Path, ...]:
        """Its check files, public and hidden, and the helpers that they import."""
        checks = tuple(path for path in (self.public_checks, self.hidden_checks) if path is not None)
        return (*checks, *self._helpers_of(checks))

    @property
    def sources(self) -> tuple[Path, ...]:
        """Every file of the course that decides a result: what students get, answers, variants, helpers and rubric."""
        answers = tuple(sorted(self.reference.rglob("*.py"))) if self.reference is not None else ()
        known = dict.fromkeys((*self.public_sources, *answers, *self._helpers_of(answers), self.rubric))
        return tuple(path for path in known if path.is_file())

    @property
    def rubric(self) -> Path:
        """The rubric of its lesson."""
        return self.root / "rubrics" / f"{self.lesson}.toml"

    @property
    def root(self) -> Path:
        """The course's folder."""
        return self.stub.parents[2]

    def _helpers_of(self, files: Iterable[Path]) -> tuple[Path, ...]:
        return imported_files(files, {name: self.root / name for name in ("exercises", "reference")})

    @property
    def workbench(self) -> Path | None:
        """What the course has beside every submission (see `grader.sandbox.workbench`), None where there is nothing."""
        return _existing(self.root / "exercises", WORKBENCH)

    @property
    def recorded_mistakes(self) -> Path | None:
        """Where the answers of its wrong variants are recorded (see `grader.mistakes`), None in a student's copy."""
        return self.reference / "mistakes.json" if self.reference is not None else None

    @property
    def mistakes(self) -> Path | None:
        """What a student's copy knows of wrong variants (see `grader.mistakes`), None where there is nothing."""
        path = self.root / "mistakes" / self.lesson / f"{self.name}.json"
        return path if self.reference is None and path.is_file() else None

    @property
    def accepted(self) -> tuple[Path, ...]:
        """The accepted variants, sorted by name."""
        return _variants(self.reference, "accepted")


@dataclass(frozen=True)
class Lesson:
    """A folder of exercises, sorted by name; `rubric` is where its points are written down."""

    name: str
    folder: Path
    rubric: Path
    exercises: tuple[Exercise, ...]


@dataclass(frozen=True)
class Course:
    """A folder with `exercises/` in it; `name` is the first heading of its README, or the folder's."""

    root: Path
    name: str
    lessons: tuple[Lesson, ...]

    @property
    def workbench(self) -> Path | None:
        """What stands beside every submission (see `grader.sandbox.workbench`), None where there is nothing."""
        return _existing(self.root / "exercises", WORKBENCH)

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        """The exercises of all lessons, in the order of the course."""
        return tuple(exercise for lesson in self.lessons for exercise in lesson.exercises)

    def select(self, names: Sequence[str]) -> tuple[Exercise, ...]:
        """Return the named exercises, each once and in the order of the course; all of them for no name.

        A name is a lesson's, an exercise's, or `lesson/exercise`; of equal names a lesson's goes first.

        Raises:
            UsageError: a name is unknown (the closest is offered) or is an exercise's in several lessons.
        """
        if not self.exercises:
            raise UsageError(f"No exercise was found in {self.root}: add one as exercises/LESSON/NAME.py.")
        if not names:
            return self.exercises
        chosen = {exercise for name in names for exercise in self._named(name)}
        return tuple(exercise for exercise in self.exercises if exercise in chosen)

    def _named(self, name: str) -> tuple[Exercise, ...]:
        for lesson in self.lessons:
            if lesson.name == name:
                return lesson.exercises
        found = tuple(e for e in self.exercises if name in (e.name, f"{e.lesson}/{e.name}"))
        if not found:
            raise UsageError(f"No lesson or exercise is called `{name}`: {self._suggestion(name)}")
        if len(found) > 1:
            choices = " or ".join(f"`{exercise.lesson}/{exercise.name}`" for exercise in found)
            raise UsageError(f"Several lessons have an exercise `{name}`: write {choices}.")
        return found

    def _suggestion(self, name: str) -> str:
        lessons = [lesson.name for lesson in self.lessons]
        names = [full for e in self.exercises for full in (e.name, f"{e.lesson}/{e.name}")]
        close = closest(name, lessons + names)
        return f"did you mean `{close}`?" if close else f"the lessons are {', '.join(lessons)}."


def current_folder() -> Path:
    """Return the folder that a command runs in; raise `UsageError` if it is gone."""
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        raise UsageError("The current folder is gone: change to a folder inside a course.") from error


def find_course(start: Path) -> Course:
    """Read the course that `start` lies in: the nearest folder, going up, that holds `exercises/`.

    Stubs are where students work, so one that is no longer Python does not keep the others from being found.

    Raises:
        UsageError: there is no such folder, a part of the course cannot be read, an exercise has no public check file
            or no function, a check file holds no check, a check has no docstring, or two of an exercise share a name.
    """
    with reading():
        start = start.resolve()
        for folder in (start, *start.parents):
            if (folder / "exercises").is_dir():
                return Course(folder, _course_name(folder), tuple(_lessons(folder)))
    raise UsageError(f"No course was found: change to a folder with `exercises/` in it, from {start}.")


def closest(name: str, candidates: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the candidate that `name` is most likely a misspelling of, or None if none is that similar."""
    matches = difflib.get_close_matches(name, list(candidates), n=1, cutoff=cutoff)
    return matches[0] if matches else None


def tree_of(path: Path) -> ast.Module:
    """Parse a file of the course's author; raise `UsageError` if it cannot be read or is not valid Python."""
    try:
        return parse(text_of(path))
    except SyntaxError as error:
        raise UsageError(f"{path} is not valid Python (line {error.lineno}: {error.msg}): fix the syntax.") from error


def _existing(folder: Path | None, name: str) -> Path | None:
    if folder is None or not (folder / name).is_file():
        return None
    return folder / name


def _variants(reference: Path | None, kind: str) -> tuple[Path, ...]:
    if reference is None:
        return ()
    return tuple(sorted(path for path in (reference / kind).glob("*.py") if not path.name.startswith(("_", "."))))


def _course_name(root: Path) -> str:
    readme = root / "exercises" / "README.md"
    if readme.is_file():
        for line in readme.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("# ") and line[2:].strip():
                return line[2:].strip()
    return root.name


def _lessons(root: Path) -> Iterator[Lesson]:
    for folder in sorted((root / "exercises").iterdir()):
        if folder.name.startswith((".", "_")) or not folder.is_dir():
            continue
        stubs = [path for path in sorted(folder.glob("*.py")) if _is_stub(root, path)]
        if stubs or (folder / "checks").is_dir():
            exercises = tuple(_exercise(root, folder.name, stub) for stub in stubs)
            yield Lesson(folder.name, folder, root / "rubrics" / f"{folder.name}.toml", exercises)


def _is_stub(root: Path, path: Path) -> bool:
    """Tell a stub from the helper files that students put beside it, of which there are neither checks nor answers."""
    if path.name.startswith((".", "_", "test_")) or path.name == "conftest.py" or not path.is_file():
        return False
    answers = root / "reference" / path.parent.name / path.stem
    return answers.is_dir() or (path.parent / "checks" / f"test_{path.name}").is_file()


def _exercise(root: Path, lesson: str, stub: Path) -> Exercise:
    name = stub.stem
    public = stub.parent / "checks" / f"test_{name}.py"
    if not public.is_file():
        raise UsageError(
            f"{_place(root, stub)}: the exercise has no public checks: write them in {_place(root, public)}."
        )
    reference = root / "reference" / lesson / name
    hidden = reference / "test_hidden.py"
    files = [_CheckFile.read(root, public, "public")]
    if hidden.is_file():
        files.append(_CheckFile.read(root, hidden, "hidden"))
    title, functions = _statement(stub)
    # What the checks call is what must be there: a stub is where students work, so it may hold helpers, or lack a name.
    called = tuple(dict.fromkeys(name for file in files for name in file.called))
    if called:
        known = {function.name: function for function in functions}
        functions = tuple(known.get(name) or Function(name, (), "", f"def {name}(...)") for name in called)
    if not functions:
        raise UsageError(f"{_place(root, stub)}: the stub has no public function: define the one to be written.")
    return Exercise(
        lesson=lesson,
        name=name,
        title=title or name,
        stub=stub,
        public_checks=public,
        reference=reference if reference.is_dir() else None,
        functions=functions,
        checks=_unique(root, [check for file in files for check in file.checks]),
        on_model=any(file.on_model for file in files),
    )


def _statement(stub: Path) -> tuple[str, tuple[Function, ...]]:
    """Read a stub's title and public functions; both are empty if a student left it unreadable, or a link."""
    if stub.is_symlink():  # it may lead to the answers
        return "", ()
    try:
        tree = parse(stub.read_bytes())
        definitions = [
            node
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_")
        ]
        docstrings = [(ast.get_docstring(node) or "").strip() for node in (tree, *definitions)]
        title = next((docstring.splitlines()[0] for docstring in docstrings if docstring), "")
        return title, tuple(_function(node) for node in definitions)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return "", ()


def _unwritten(stub: Path) -> bool:
    """Tell whether all public functions of a file consist of a docstring and `raise NotImplementedError`."""
    try:
        tree = parse(stub.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")}
    return bool(names) and all(is_unwritten(tree, name) for name in names)


def is_unwritten(module: ast.Module, function: str) -> bool:
    """Tell whether a function of a module is still as its stub has it."""
    definitions = [node for node in module.body if isinstance(node, ast.FunctionDef) and node.name == function]
    return bool(definitions) and all(map(does_nothing_yet, definitions))


def does_nothing_yet(node: ast.stmt) -> bool:
    """Tell a function that consists of a docstring and `raise NotImplementedError`."""
    if not isinstance(node, ast.FunctionDef):
        return False
    match node.body[bool(ast.get_docstring(node)) :]:
        case [ast.Raise(ast.Name("NotImplementedError") | ast.Call(ast.Name("NotImplementedError")))]:
            return True
    return False


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Function:
    given = node.args
    ordered = (*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg)
    returns = ast.unparse(node.returns) if node.returns else ""
    signature = f"def {node.name}({ast.unparse(given)})" + (f" -> {returns}" if returns else "")
    return Function(node.name, tuple(argument.arg for argument in ordered if argument), returns, signature)


@dataclass(frozen=True)
class _CheckFile:
    """The checks of one file, the submission's functions that they call, and whether one needs the model."""

    checks: tuple[Check, ...]
    called: tuple[str, ...]
    on_model: bool

    @classmethod
    def read(cls, root: Path, path: Path, visibility: Visibility) -> "_CheckFile":
        place = _place(root, path)
        try:
            tree = parse(path.read_bytes())
        except SyntaxError as error:
            place = f"{place}:{error.lineno or 1}"
            raise UsageError(f"{place}: the check file is no Python ({error.msg}): correct it.") from error
        except (ValueError, RecursionError, MemoryError) as error:
            raise UsageError(f"{place}: the check file cannot be read ({error}): correct it.") from error
        checks, on_model = [], False
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                title = " ".join((ast.get_docstring(node) or "").strip().partition("\n\n")[0].split())
                if not title:
                    raise UsageError(
                        f"{place}:{node.lineno}: the check `{node.name}` has no docstring: "
                        "write the sentence that students read as one."
                    )
                tiers = _tiers(node, place)
                checks.append(Check(node.name, title, visibility, path, node.lineno, tiers))
                on_model |= any(argument.arg == "sd" for argument in node.args.args)
        if not checks:
            raise UsageError(f"{place}: the file holds no check: write a function `test_...` with a docstring.")
        return cls(tuple(checks), tuple(_called_on_submission(tree)), on_model)


def _tiers(check: ast.FunctionDef | ast.AsyncFunctionDef, place: str) -> tuple[Tier, ...]:
    """Return the tiers that a check's mark names, without importing it."""
    for mark in check.decorator_list:
        target = mark.func if isinstance(mark, ast.Call) else mark
        if ast.unparse(target) != "pytest.mark.tier":
            continue
        given = mark.args if isinstance(mark, ast.Call) and not mark.keywords else []
        named = {argument.value if isinstance(argument, ast.Constant) else None for argument in given}
        if not named or not named <= set(TIERS):
            raise UsageError(
                f"{place}:{mark.lineno}: the mark of the check `{check.name}` names no tiers: "
                'write @pytest.mark.tier("gpu"), or @pytest.mark.tier("cpu", "gpu") for both.'
            )
        return tuple(tier for tier in TIERS if tier in named)
    return ("cpu",)


def _called_on_submission(tree: ast.Module) -> Iterator[str]:
    """Yield NAME for every `submission.NAME(...)`, `submission.NAME.called_with(...)` and `.backward(...)`."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        target = node.func
        if isinstance(target, ast.Attribute) and target.attr in ("called_with", "backward"):
            target = target.value
        match target:
            case ast.Attribute(ast.Name("submission"), name):
                yield name


def _unique(root: Path, checks: list[Check]) -> tuple[Check, ...]:
    """Return the checks; refuse two of one name, of which rubric and pytest would see only the last."""
    first: dict[str, Check] = {}
    for check in checks:
        other = first.setdefault(check.name, check)
        if other is not check:
            raise UsageError(
                f"{_place(root, check.path)}:{check.line}: the check `{check.name}` is also defined in "
                f"{_place(root, other.path)}:{other.line}: rename one."
            )
    return tuple(checks)


def _place(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()
