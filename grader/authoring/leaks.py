"""Looks for answers in what students get: long texts of solutions and variants, and functions by their syntax trees."""

from __future__ import annotations

import ast
import json
import re
import textwrap
from typing import TYPE_CHECKING, NamedTuple

from grader.course.blanks import blanks_in
from grader.course.questions.reading import keys_of, shown_again
from grader.course.rubric_reading import load_rubrics
from grader.course.sources import QUESTIONS
from grader.course.syntax import parse
from grader.edition import PICTURES, SELF_STUDY
from grader.faults import text_of
from grader.submission.notebook.cells import NotANotebookError, code_cells

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from grader.course.model import Course

LEAST_STRING = 24  # characters: a shorter text may be in two places by chance
LEAST_NODES = 30  # of a function's syntax tree, likewise


class Leak(NamedTuple):
    """Something of the answers that stands in a released file."""

    path: str
    answer: str
    what: str


def leaks(course: Course, released: Path, audience: str = "course") -> list[Leak]:
    """Return what of the answers stands in the released files: long texts, and functions by their syntax tree.

    What stubs say is not secret, and neither are names of public checks, and what hidden checks share with public ones.
    Of the functions of a solution, those are not that stand in a stub with blanks (see `grader.authoring.scaffolding`).
    Names of mistakes and their explanations are meant for students, in `mistakes/`; for self-study, so is `solutions/`.
    What is said about the answers to questions that count must be nowhere, `mistakes/` included.
    """
    stubs = {exercise.stub.relative_to(course.root).as_posix() for exercise in course.in_code}
    released_files = [
        _Released.read(path, place)
        for path in sorted(released.rglob("*"))
        if path.is_file()
        and path.suffix not in (*PICTURES, ".whl")  # a wheel is the tool: its own build and tests keep answers out
        and (place := path.relative_to(released).as_posix()) not in stubs
        and not place.startswith(("mistakes/", "solutions/") if audience == SELF_STUDY else "mistakes/")
    ]
    shown = [text_of(path) for stub in stubs for path in (course.root / stub, released / stub) if path.is_file()]
    said, scaffolds = "\n".join(shown), set().union(*(_fingerprints(text) for text in shown if blanks_in(parse(text))))
    checks = [text_of(exercise.public_checks) for exercise in course.in_code]
    public, public_functions = "\n".join(checks), set().union(*map(_fingerprints, checks))
    named = {check.name for exercise in course.exercises for check in exercise.checks if check.visibility == "public"}
    found = []
    for exercise in course.exercises:
        for answer in sorted(exercise.reference.rglob("*.py")) if exercise.reference else ():
            is_check = answer == exercise.hidden_checks
            source = text_of(answer)
            known = public if is_check else ""
            texts = [t for t in _strings(source) if t not in named and t not in said and t not in known]
            trees = _fingerprints(source) - scaffolds - (public_functions if is_check else set())
            name = answer.relative_to(course.root).as_posix()
            for file in released_files:
                found += [Leak(file.place, name, f"the text {text[:60]!r}") for text in texts if file.holds(text)]
                if trees & file.functions:
                    found.append(Leak(file.place, name, "a function"))
    return found if audience == SELF_STUDY else [*found, *_of_questions(course, released)]


def _of_questions(course: Course, released: Path) -> Iterator[Leak]:
    """Yield what is said in a release about the answers to questions that count."""
    rubrics = load_rubrics(course)
    texts: dict[str, tuple[str, str]] = {}  # the file of the answers, and the question
    practice: set[str] = set()  # what is said of practice questions as well is not secret
    for exercise in [each for each in course.exercises if each.answer_key is not None]:
        for name, key in keys_of(exercise).items():
            said = {key.explanation, *(text for each in key.tempting for text in (each.mistake, each.why))}
            if rubrics[exercise.lesson, exercise.name].criterion_of(name) is None:
                practice |= said
            else:
                texts |= dict.fromkeys(said, (f"reference/{exercise.key}/answers.toml", name))
    texts = {text: whose for text, whose in sorted(texts.items()) if text not in practice}
    for path in sorted(released.rglob("*")) if texts else ():
        if not path.is_file() or path.suffix in (*PICTURES, ".whl", ".safetensors"):
            continue
        whole = " ".join([path.read_text(encoding="utf-8", errors="replace"), *_revealed(path)])
        content = " ".join(whole.split())
        for text, (answers, name) in texts.items():
            if text in content or json.dumps(text)[1:-1] in content:
                yield Leak(path.relative_to(released).as_posix(), answers, f"the answer to `{name}`")


def _revealed(path: Path) -> list[str]:
    """Return what an obscured file of answers says."""
    if path.suffix != ".json" or path.stem != QUESTIONS:
        return []
    return [json.dumps(shown_again(text)) for text in json.loads(path.read_bytes())["answers"].values()]


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
        try:
            sources = [text for _, text in code_cells(path.name, content.encode())]
        except NotANotebookError:
            sources = [content]
    else:
        sources = re.findall(r"```(?:python|py)?\n(.*?)```", content, re.DOTALL)
    return set().union(*map(_fingerprints, sources), *map(_fingerprint_as_body, sources))


def _fingerprints(source: str) -> set[str]:
    """Return the bodies of a source's functions as syntax trees in which names are numbered by their first use."""
    return {
        _tree(node.body[bool(ast.get_docstring(node)) :])
        for node in ast.walk(_parsed(source))
        if isinstance(node, ast.FunctionDef) and _nodes(node) >= LEAST_NODES
    }


def _fingerprint_as_body(source: str) -> set[str]:
    """Return the statements of a source, imports apart, as the body of a function that it may be without its `def`."""
    tree = _parsed(textwrap.dedent(source))
    said = tree.body[bool(ast.get_docstring(tree)) :]
    body = [node for node in said if not isinstance(node, ast.Import | ast.ImportFrom)]
    return {_tree(body)} if sum(map(_nodes, body)) >= LEAST_NODES else set()


def _parsed(source: str) -> ast.Module:
    """Return the tree of a source without a notebook's magics, an empty one if it is not Python."""
    try:
        return parse("\n".join(line for line in source.splitlines() if not line.lstrip().startswith(("%", "!"))))
    except (SyntaxError, ValueError):
        return ast.Module([], [])


def _nodes(tree: ast.AST) -> int:
    return sum(1 for _ in ast.walk(tree))


def _tree(body: list[ast.stmt]) -> str:
    names: dict[str, str] = {}
    dumped = ast.dump(_WithoutTexts().visit(ast.Module(body, [])))
    return re.sub(r"id='(\w+)'", lambda found: f"id={names.setdefault(found[1], str(len(names)))}", dumped)


class _WithoutTexts(ast.NodeTransformer):
    """Removes the texts of messages: a solution with other words in its messages is the same solution."""

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant("") if isinstance(node.value, str) else node
