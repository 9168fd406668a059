"""Makes cheats, submissions without understanding, from an exercise's solution, stub and public checks."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from grader.authoring import cheat_tools
from grader.course.imports import imported_files
from grader.course.syntax import tree_of
from grader.faults import text_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from grader.course.model import Exercise, Function

KINDS = (
    "zeros", "ones", "NaN", "constant", "integers", "half precision", "batch of one", "square only", "nothing", "echo",
    "ignore", "lookup", "helper",
)  # fmt: skip
_ARRAYS = {"Tensor", "ndarray", "NDArray"}
_REALS = _ARRAYS | {"float"}
_NUMBERS = _REALS | {"int", "bool", "Image"}
_DATA = _NUMBERS | {
    "str",
    "Generator",
    "Callable",
}  # what an argument says is its value; the rest are objects to work on
_UNKNOWN = {"Any", ""}  # an annotation that says nothing: the result may be anything

# Of the result: the kind, the function of `cheat_tools` that spoils it, and in which annotations it finds something to.
_SPOILERS = (
    ("zeros", "zeros", _NUMBERS | {"str"}),
    ("ones", "ones", _NUMBERS),
    ("NaN", "nan", _NUMBERS),
    ("integers", "integers", _REALS),
    ("half precision", "halved_precision", _REALS),
)


class Cheat(NamedTuple):
    """A submission: all functions of an exercise are right but one, which cheats.

    `name` says how, such as "ignore strength", with the function's name if the exercise has several.
    """

    kind: str
    name: str
    source: str
    argument: str = ""


def solution_alone(exercise: Exercise) -> str:
    """Return the source of a submission that is made as cheats are, and is right."""
    return _source(exercise, "")


def make_cheats(exercise: Exercise) -> list[Cheat]:
    """Return the cheats of an exercise that need nothing but its files."""
    return [cheat for function in exercise.functions for cheat in _cheats_of(exercise, function)]


def lookup(exercise: Exercise, function: Function, known: Collection[str]) -> Cheat | None:
    """Return the cheat that is right only for arguments with a known `fingerprint`, None if no argument is data."""
    parameters, returns = _annotations(function)
    if not any(names & _DATA for names in parameters.values()):
        return None
    unknown = "return None" if returns == {"None"} else f"return _tools.wrong({_right(function)})"
    setting = f"_known = frozenset({sorted(known)!r})"
    condition = "if _tools.fingerprint([list(arguments), keywords]) not in _known:"
    body = f"{condition}\n        {unknown}\n    return {_right(function)}"
    return Cheat("lookup", _named("lookup", exercise, function), _source(exercise, function.name, body, setting))


def square_only(exercise: Exercise, function: Function) -> Cheat:
    """Return the cheat that is wrong where a picture that is given or returned is not as high as wide."""
    oblong = "_tools.is_oblong([*arguments, *keywords.values()], 4) or _tools.is_oblong(result)"
    body = f"result = {_right(function)}\n    return _tools.wrong(result) if {oblong} else result"
    return Cheat("square only", _named("square only", exercise, function), _source(exercise, function.name, body))


def batch_of_one(exercise: Exercise, function: Function) -> Cheat:
    """Return the cheat in whose results every item of a batch, or of a list, is the first one."""
    body = f"return _tools.first_repeated({_right(function)})"
    return Cheat("batch of one", _named("batch of one", exercise, function), _source(exercise, function.name, body))


def _cheats_of(exercise: Exercise, function: Function) -> Iterator[Cheat]:
    parameters, returns = _annotations(function)

    def cheat(kind: str, body: str, setting: str = "", of: str = "") -> Cheat:
        name = _named(f"{kind} {of}".strip(), exercise, function)
        return Cheat(kind, name, _source(exercise, function.name, body, setting), of)

    right, names = _right(function), tuple(parameters)
    for kind, spoiler, where in _SPOILERS:
        if returns & (where | _UNKNOWN):
            yield cheat(kind, f"return _tools.{spoiler}({right})")
    if returns == {"None"}:
        yield cheat("nothing", "return None")
    else:
        answer = f'if "answer" not in _first:\n        _first["answer"] = {right}\n    return _first["answer"]'
        yield cheat("constant", answer, "_first = {}")
    for name, found in parameters.items():
        if _could_be(found, returns):
            yield cheat("echo", f"return _tools.named({names!r}, arguments, keywords).get({name!r})", of=name)
    for name, found in parameters.items():
        if found & (_DATA | {""}):
            change = "lambda value: _tools.without_values(value, _first)"
            changed = f"arguments, keywords = _tools.with_changed({names!r}, arguments, keywords, {name!r}, {change})"
            yield cheat("ignore", f"{changed}\n    return {right}", "_first = {}", of=name)
    for place, helper in _helpers(exercise, function):
        setting = f"_pasted = _tools.pasted({_modules(exercise, place)!r})"
        given = f"_tools.named({names!r}, arguments, keywords).items() if name in {helper.parameters!r}"
        call = f"return _pasted[{_dotted(exercise, place)!r}].{helper.name}("
        yield cheat("helper", f"{call}**{{name: value for name, value in {given}}})", setting, of=helper.name)


def _could_be(parameter: set[str], returns: set[str]) -> bool:
    """Tell whether an argument could be taken for the result: both hold tensors, or images, or numbers, or texts."""
    kinds = (_ARRAYS, {"Image"}, {"int", "float"}, {"str"})
    return any(parameter & kind and returns & kind for kind in kinds)


def _annotations(function: Function) -> tuple[dict[str, set[str]], set[str]]:
    """Return the names in each parameter's annotation, and those in the result's.

    A parameter or result without an annotation has {""}.
    """
    (tree,) = ast.parse(f"{function.signature}: ...").body
    assert isinstance(tree, ast.FunctionDef)
    given = (*tree.args.posonlyargs, *tree.args.args, *tree.args.kwonlyargs)
    return {argument.arg: _names(argument.annotation) for argument in given}, _names(tree.returns)


def _names(annotation: ast.expr | None) -> set[str]:
    if annotation is None:
        return {""}
    if isinstance(annotation, ast.Constant) and annotation.value is None:
        return {"None"}
    nodes = list(ast.walk(annotation))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return names | {node.attr for node in nodes if isinstance(node, ast.Attribute)}


def _named(cheat: str, exercise: Exercise, function: Function) -> str:
    return cheat if len(exercise.functions) == 1 else f"{cheat} ({function.name})"


# --- sources ---


def _right(function: Function) -> str:
    return f"_right[{function.name!r}](*arguments, **keywords)"


def _source(exercise: Exercise, cheating: str, body: str = "", setting: str = "") -> str:
    """Return the source of a submission; the function called `cheating` has that body."""
    assert exercise.solution is not None
    tools = text_of(Path(cheat_tools.__file__))
    lines = [
        "import types",
        '_tools = types.ModuleType("tools")',
        f"exec({tools!r}, _tools.__dict__)",
        f"_right = _tools.loaded({text_of(exercise.solution)!r})",
        setting,
    ]
    for function in exercise.functions:
        own = body if function.name == cheating else f"return {_right(function)}"
        lines.append(f"\n\ndef {function.name}(*arguments, **keywords):\n    {own}")
    return "\n".join(lines) + "\n"


# --- helpers that students can read ---


class _Helper(NamedTuple):
    name: str
    parameters: tuple[str, ...]


def _helpers(exercise: Exercise, function: Function) -> Iterator[tuple[Path, _Helper]]:
    """Yield the public functions that can be called with a function's own arguments, and the files they are in."""
    readable = sorted((exercise.root / "exercises").rglob("_*.py"))
    for path in (exercise.public_checks, *(path for path in readable if path != exercise.workbench)):
        for node in tree_of(path).body:
            if not isinstance(node, ast.FunctionDef) or node.decorator_list or node.name.startswith("test_"):
                continue
            if _names(node.returns) == {"None"} != {function.returns}:  # an assertion
                continue
            parameters, required = _parameters(node)
            if required and required <= set(function.parameters):
                yield path, _Helper(node.name, parameters)


def _parameters(node: ast.FunctionDef) -> tuple[tuple[str, ...], set[str]]:
    """Return the names of a function's parameters, and which of them have no default."""
    given = node.args
    ordered = [argument.arg for argument in (*given.posonlyargs, *given.args)]
    required = set(ordered[: len(ordered) - len(given.defaults)])
    pairs = zip(given.kwonlyargs, given.kw_defaults, strict=True)
    required |= {argument.arg for argument, default in pairs if default is None}
    return (*ordered, *(argument.arg for argument in given.kwonlyargs)), required


def _modules(exercise: Exercise, path: Path) -> dict[str, str]:
    """Return the sources of a file and of what it imports of the course, by dotted name, each after what it imports."""
    packages = {"exercises": exercise.root / "exercises"}
    files = [*imported_files([path], packages), path]
    files.sort(key=lambda file: len(imported_files([file], packages)))
    return {_dotted(exercise, file): _without_grader(file) for file in files}


def _dotted(exercise: Exercise, path: Path) -> str:
    return ".".join(path.relative_to(exercise.root).with_suffix("").parts)


def _without_grader(path: Path) -> str:
    """Return a module's source without its imports of the grader, which a submission cannot have."""
    tree = tree_of(path)
    tree.body = [node for node in tree.body if not _imports_grader(node)]
    return ast.unparse(tree)


def _imports_grader(node: ast.stmt) -> bool:
    modules: Sequence[str] = ()
    if isinstance(node, ast.ImportFrom):
        modules = [node.module or ""]
    elif isinstance(node, ast.Import):
        modules = [alias.name for alias in node.names]
    return any(module.partition(".")[0] == "grader" for module in modules)
