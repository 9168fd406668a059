"""Measures the groups of a large class, made of known mistakes, their twins in another style, and mistakes without a name.

The truth is how each hand-in was made: who copies the same mistake belongs together.
"""

from __future__ import annotations

import ast
import itertools
import random
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from grader.classroom.clusters.grouping import Member, class_clusters
from grader.course.finding import find_course
from grader.grading import Grader
from grader.mutation.mutants import mutants
from grader.results import CheckResult, ExerciseResult, Outcome
from grader.submission.reading import read_submission

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.course.model import Exercise
    from grader.sandbox.outside.server import ForkServer

ROOT = Path(__file__).parents[2]
EXERCISES = ("reverse_step", "ddim_step", "add_noise", "predict_x0", "feather_mask", "restore_rows")
EACH = 50  # hand-ins an exercise
FRESH = 8  # mistakes of each exercise that nobody has named
FAILED = CheckResult("test_it", "It holds.", "public", Outcome.FAILED, "It does not.", 0.0, None, ())


class HandIn(NamedTuple):
    """The text of a hand-in, and which mistake it makes."""

    text: str
    mistake: str


class Style(ast.NodeTransformer):
    """Gives variables other names, and writes some things in another way."""

    def __init__(self, tree: ast.Module, chance: random.Random) -> None:
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        bound = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        self._names = {
            name: f"{chance.choice('abcdefgh')}_{number}" for number, name in enumerate(sorted(bound - functions))
        }
        self._functions = functions

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._names.get(node.id, node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg, node.annotation = self._names.get(node.arg, node.arg), None
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Name) and node.func.id in self._functions:
            for keyword in node.keywords:
                keyword.arg = self._names.get(keyword.arg or "", keyword.arg)
        self.generic_visit(node)
        if ast.unparse(node.func) == "torch.sqrt" and len(node.args) == 1:  # as many write it
            return ast.BinOp(node.args[0], ast.Pow(), ast.Constant(0.5))
        return node


def restyled(text: str, chance: random.Random) -> str:
    tree = ast.parse(text)
    lines = ast.unparse(ast.fix_missing_locations(Style(tree, chance).visit(tree))).splitlines()
    return "\n".join(
        f"{line}  # {chance.random()}" if chance.random() < 0.2 and '"""' not in line else line for line in lines
    )


def handed_in(exercise: Exercise, grader: Grader, folder: Path) -> Iterator[HandIn]:
    """Yield hand-ins that fail: known mistakes and fresh ones, each also restyled."""
    assert exercise.solution is not None
    chance = random.Random(exercise.name)
    made = [HandIn(path.read_text(), path.stem) for path in exercise.wrong]
    edits = mutants(exercise.solution.read_text())
    chance.shuffle(edits)
    fresh = (edit for edit in edits if _is_new(grader, exercise, edit.source, folder))
    made += [HandIn(edit.source, edit.name) for edit in itertools.islice(fresh, FRESH)]
    for number in range(EACH):
        text, mistake = made[number % len(made)]
        yield HandIn(restyled(text, chance) if number >= len(made) else text, mistake)


def _is_new(grader: Grader, exercise: Exercise, text: str, folder: Path) -> bool:
    """Tell whether a text fails, and not by a mistake that has a name: that would be the same mistake twice."""
    path = folder / "trial.py"
    path.write_text(text)
    verdict = grader.grade(read_submission(path), [exercise])
    return verdict.outcome is Outcome.FAILED and not any(c.diagnosis for e in verdict.exercises for c in e.checks)


def shares(groups: list[list[str]]) -> tuple[float, float]:
    """Return purity and completeness: in its group, and of its mistake, how many have the mistake of most."""
    total = sum(map(len, groups))
    pure = sum(max(Counter(group).values()) for group in groups)
    largest: Counter[str] = Counter()
    for group in groups:
        for mistake, count in Counter(group).items():
            largest[mistake] = max(largest[mistake], count)
    return pure / total, sum(largest.values()) / total


@pytest.mark.slow
def test_students_with_one_mistake_are_together(server: ForkServer, tmp_path: Path) -> None:
    course = find_course(ROOT)
    grader = Grader(course, server)
    all_groups: list[list[str]] = []
    for exercise in course.select(EXERCISES):
        work = list(handed_in(exercise, grader, tmp_path))
        result = ExerciseResult(exercise.lesson, exercise.name, 0.0, 10.0, Outcome.FAILED, (FAILED,), ())
        members = [Member(f"{n}", result, {f"{exercise.name}.py": each.text}) for n, each in enumerate(work)]
        found = class_clusters(course.name, grader, {exercise: members}).clusters
        groups = [
            [f"{exercise.name}: {work[int(student)].mistake}" for student in cluster.students] for cluster in found
        ]
        all_groups += groups
        shown = sum(bool(cluster.code) for cluster in found)
        edits = sum(bool(cluster.edit) for cluster in found)
        purity, completeness = shares(groups)
        print(
            f"{exercise.name:18} hand-ins {len(work)} mistakes {len({each.mistake for each in work})} groups {len(found)} "
            f"purity {purity:.3f} completeness {completeness:.3f} code {shown} edits {edits}"
        )
        print(*(f"    together: {' | '.join(sorted(set(group)))}" for group in groups if len(set(group)) > 1), sep="\n")
    purity, completeness = shares(all_groups)
    print(f"all: purity {purity:.3f} completeness {completeness:.3f}")
    assert purity > 0.9
    assert completeness > 0.95
