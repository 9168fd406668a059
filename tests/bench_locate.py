"""Measures how often `grade locate` names the right place, on mutants of solutions and on wrong variants.

python tests/bench_locate.py [--mutants 20] [--seconds 20] [--variants/--no-variants] [--places FILE] [NAME]...

`--places` adds submissions whose mistake's place somebody has written down: a JSON list with the path of each `file`, beside
the list, its `exercise`, the `line` and `last_line` of the mistake, and its `kind`; of a "missing statement", the line before.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import json
import random
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from grader.course.finding import find_course
from grader.errors import GraderError, UsageError
from grader.grading import Conditions, warm_grader
from grader.locating.search import locate
from grader.mutation.mutants import mutants
from grader.sandbox.outside.server import Isolation
from grader.submission.reading import read_submission

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.course.model import Exercise
    from grader.grading import Grader
    from grader.locating.located import Located

PROJECT = Path(__file__).parents[1]
MOST_LINES = 3  # of a region that says where to look
NAMED, WIDE, WRONG, NOTHING = "right", "wide", "wrong", "not found"


class Case(NamedTuple):
    """A wrong function: what it is called, its text, and that of the solution in the same style, or the known `place`."""

    name: str
    text: str
    right: str = ""
    place: frozenset[int] = frozenset()

    def differing(self) -> list[set[int]]:
        """Return the lines of the wrong text that differ, hunk by hunk; of lines that are missing, those around."""
        if self.place:
            return [set(self.place)]
        matcher = difflib.SequenceMatcher(None, self.right.splitlines(), self.text.splitlines(), autojunk=False)
        return [
            set(range(start + 1, end + 1)) or {start, start + 1}
            for kind, _, _, start, end in matcher.get_opcodes()
            if kind != "equal"
        ]

    @property
    def is_single(self) -> bool:
        """Whether one line differs, is missing, or is too much, or the place of the one mistake is known."""
        if self.place:
            return True
        matcher = difflib.SequenceMatcher(None, self.right.splitlines(), self.text.splitlines(), autojunk=False)
        changed = [(b - a, d - c) for kind, a, b, c, d in matcher.get_opcodes() if kind != "equal"]
        return len(changed) == 1 and max(changed[0]) == 1


class Outcome(NamedTuple):
    """What came of one case."""

    kind: str
    case: Case
    outcome: str
    seconds: float
    located: Located | None


def normal(source: str) -> str:
    """Return a source as `ast.unparse` writes it, without docstrings and without what a variant says of itself."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    tree.body = [node for node in tree.body if "CAUGHT_BY" not in ast.unparse(node)]
    return ast.unparse(tree)


def known_places(path: Path, exercise: Exercise) -> Iterator[tuple[str, Case]]:
    """Yield the submissions to an exercise whose mistake's place somebody has written down."""
    for each in json.loads(path.read_text(encoding="utf-8")):
        if each["exercise"] == exercise.name:
            last = each["last_line"] + (each["kind"] == "missing statement")
            text = (path.parent / each["file"]).read_text(encoding="utf-8")
            yield "written", Case(each["file"], text, place=frozenset(range(each["line"], last + 1)))


def cases(exercise: Exercise, count: int, *, variants: bool) -> Iterator[tuple[str, Case]]:
    """Yield some mutants of the solution, chosen by the exercise's name, and its wrong variants."""
    assert exercise.solution is not None
    source = exercise.solution.read_text(encoding="utf-8")
    every = mutants(source)
    random.Random(f"locate {exercise.name}").shuffle(every)
    for mutant in every[:count]:
        yield "mutant", Case(mutant.name, mutant.source, normal(source))
    for path in exercise.wrong if variants else ():
        yield "variant", Case(path.stem, normal(path.read_text(encoding="utf-8")), normal(source))


def measured(grader: Grader, exercise: Exercise, kind: str, case: Case, folder: Path, seconds: float) -> Outcome | None:
    """Look for the mistake in one case; None if it passes, or cannot be looked for."""
    path = folder / f"{exercise.name}.py"
    path.write_text(case.text, encoding="utf-8")
    started = time.perf_counter()
    try:
        located = locate(grader, read_submission(path), exercise, seconds)
    except (UsageError, GraderError):
        return None
    took = time.perf_counter() - started
    return Outcome(kind, case, judged(case, located), took, located)


def judged(case: Case, located: Located) -> str:
    """Return whether the place that was named is where the case differs from the solution."""
    if not located.file:
        return NOTHING
    named = set(range(located.line, located.last_line + 1))
    if not any(named & lines for lines in case.differing()):
        return WRONG
    return NAMED if len(named) <= MOST_LINES else WIDE


def table(found: Sequence[Outcome], verdict: float) -> str:
    """Return the counts of each kind of case, of all and of those with a single fault."""
    lines = [f"{'':24}{'cases':>7}{NAMED:>8}{WIDE:>7}{WRONG:>7}{NOTHING:>11}{'seconds':>9}{'verdicts':>10}"]
    for kind in ("mutant", "variant", "written"):
        for single in (False, True):
            those = [each for each in found if each.kind == kind and (each.case.is_single or not single)]
            if not those:
                continue
            count = Counter(each.outcome for each in those)
            seconds = sum(each.seconds for each in those) / len(those)
            name = f"{kind}s{', single fault' if single else ''}"
            lines.append(
                f"{name:24}{len(those):7}" + "".join(
                    f"{count[each] / len(those):{width}.0%}" for each, width in ((NAMED, 8), (WIDE, 7), (WRONG, 7), (NOTHING, 11))
                ) + f"{seconds:9.1f}{seconds / verdict:10.0f}"
            )  # fmt: skip
    return "\n".join(lines)


def main() -> None:
    """Measure the exercises that are named, or all of those on tensors."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--mutants", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--variants", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--places", type=Path)
    options = parser.parse_args()
    course = find_course(PROJECT)
    every = course.select(options.names) if options.names else course.in_code
    exercises = [e for e in every if not e.is_questions and (options.names or not e.uses_model("cpu"))]
    found: list[Outcome] = []
    verdicts = []
    with warm_grader(course, exercises, Conditions(Isolation.AUTO)) as grader, tempfile.TemporaryDirectory() as folder:
        for exercise in exercises:
            assert exercise.solution is not None
            solution = read_submission(exercise.solution)
            grader.grade(solution, [exercise])
            started = time.perf_counter()
            grader.grade(solution, [exercise])
            verdicts.append(time.perf_counter() - started)
            here = [
                outcome
                for kind, case in [
                    *cases(exercise, options.mutants, variants=options.variants),
                    *(known_places(options.places, exercise) if options.places else ()),
                ]
                if (outcome := measured(grader, exercise, kind, case, Path(folder), options.seconds)) is not None
            ]
            found += here
            for each in here:
                if each.outcome != NAMED:
                    place = each.located and (each.located.line, each.located.last_line, each.located.code)
                    print(f"{exercise.key} {each.kind} `{each.case.name}`: {each.outcome} {place} "
                          f"differs {each.case.differing()} {each.seconds:.1f} s{'' if each.case.is_single else ' (several)'}")  # fmt: skip
            print(exercise.key, dict(Counter(each.outcome for each in here)), f"{sum(e.seconds for e in here):.0f} s")
            print(table(found, sum(verdicts) / len(verdicts)), flush=True)


if __name__ == "__main__":
    main()
