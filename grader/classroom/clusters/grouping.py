"""Groups the students of a class who make the same mistake, whatever their code looks like."""

from __future__ import annotations

import ast
import hashlib
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from grader.classroom.clusters.behaviour import Behaviour, Shared
from grader.classroom.clusters.model import ClassClusters, Closest, Cluster
from grader.classroom.clusters.simplifying import NotSimple, known_from, shorter, simplified, size
from grader.course.syntax import parse
from grader.diagnosis.variants import describe_variant
from grader.faults import text_of
from grader.mutation.mutants import mutants
from grader.results import Diagnosis, Outcome
from grader.sandbox.outside.reader import read_handed_in_texts
from grader.submission.reading import read_submission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from grader.classroom.export import ClassMarks
    from grader.classroom.records import Stored
    from grader.course.model import Exercise
    from grader.grading import Grader
    from grader.mutation.mutants import Mutant
    from grader.results import ExerciseResult

MOST_MUTANTS = 300  # of a solution that are asked; what edits there are is known by then
_TRIAL_SECONDS = 30.0  # that trials of shorter code may take, by what the solution takes
_MOST_TRIALS = 80
_FILE = "submission.py"


class Member(NamedTuple):
    """A failing result that counts, and the texts it was graded from, by path."""

    student: str
    result: ExerciseResult
    texts: Mapping[str, str]

    @property
    def failed(self) -> frozenset[str]:
        """The checks that it fails."""
        return frozenset(check.name for check in self.result.checks if check.outcome is Outcome.FAILED)


@dataclass
class _Group:
    behaviour: Behaviour
    members: list[Member] = field(default_factory=list)
    edit: Mutant | None = None


def failing(
    exported: ClassMarks, exercise: Exercise, texts: Callable[[Stored], Mapping[str, str]], *, everyone: bool
) -> list[Member]:
    """Return who fails an exercise without a known mistake, or with `everyone` whoever fails it."""
    key = (exercise.lesson, exercise.name)
    stored = ((s.record.label, s.marks[key].stored) for s in exported.students if key in s.marks)
    return [
        Member(student, each.result, texts(each))
        for student, each in stored
        if each is not None
        and each.written
        and each.code
        and each.result.outcome is Outcome.FAILED
        and (everyone or not any(check.diagnosis for check in each.result.checks))
    ]


def class_clusters(
    course: str, grader: Grader, failing_by_exercise: Mapping[Exercise, Sequence[Member]]
) -> ClassClusters:
    """Return the groups of a class: by exercise, who answers alike."""
    found: list[Cluster] = []
    left_out: list[str] = []
    for exercise, members in failing_by_exercise.items():
        if not members:
            continue
        if exercise.solution is None:
            count = "1 failing student is" if len(members) == 1 else f"{len(members)} failing students are"
            left_out.append(f"{exercise.name}: {count} not grouped, because the course has no solution for it.")
            continue
        found += _clusters(grader, exercise, members)
    found.sort(key=lambda cluster: (-len(cluster.students), cluster.name))
    return ClassClusters(course, found, left_out)


def _clusters(grader: Grader, exercise: Exercise, members: Sequence[Member]) -> Iterator[Cluster]:
    shared = Shared(grader, exercise)
    groups = _grouped(shared, members)
    with tempfile.TemporaryDirectory() as folder:
        ours = _Ours(shared, exercise, Path(folder) / _FILE)
        ours.find_edits(groups)
        known = [(describe_variant(path), shared.behaviour(read_submission(path))) for path in exercise.wrong]
        for group in groups:
            yield _described(shared, exercise, group, ours, known)


def _grouped(shared: Shared, members: Sequence[Member]) -> list[_Group]:
    """Put those together who answer alike; who answers all calls rightly is told apart by the checks that fail."""
    behaviours: dict[tuple[tuple[str, str], ...], Behaviour] = {}
    groups: list[_Group] = []
    for member in members:
        texts = tuple(sorted(member.texts.items()))
        if texts not in behaviours:
            handed_in = [(path, text.encode("utf-8", "surrogatepass")) for path, text in texts]
            behaviours[texts] = shared.behaviour(read_handed_in_texts("hand-in", handed_in, keep_folders=True))
        mine = behaviours[texts]
        is_right = mine.alike(shared.right)
        alike = (
            group
            for group in groups
            if mine.alike(group.behaviour) and not (is_right and group.members[0].failed != member.failed)
        )
        group = next(alike, None)
        if group is None:
            groups.append(group := _Group(mine))
        group.members.append(member)
    return groups


class _Ours:
    """Asks code of ours, which stands in a file meanwhile."""

    def __init__(self, shared: Shared, exercise: Exercise, path: Path) -> None:
        self._shared = shared
        self._exercise = exercise
        self._path = path
        self._known = known_from(_texts_of(exercise))

    def alike(self, text: str, wanted: Mapping[int, Behaviour]) -> list[int]:
        """Return the keys of the behaviours that a text has."""
        self._path.write_text(text, encoding="utf-8")
        submission = read_submission(self._path)
        possible = self._shared.possible(submission, wanted)
        if not possible:
            return []
        found = self._shared.behaviour(submission)
        return [key for key in possible if found.alike(wanted[key])]

    def find_edits(self, groups: Sequence[_Group]) -> None:
        """Find the single edits of the solution that make it answer as a group does."""
        assert self._exercise.solution is not None
        right = self._shared.right
        wanted = {
            place: group.behaviour
            for place, group in enumerate(groups)
            if not (group.behaviour.stopped or group.behaviour.raises(right) or group.behaviour.alike(right))
        }
        for mutant in mutants(text_of(self._exercise.solution))[:MOST_MUTANTS]:
            if not wanted:
                return
            for place in self.alike(mutant.source, wanted):
                groups[place].edit = mutant
                del wanted[place]

    def shortest(self, group: _Group) -> tuple[str, Member]:
        """Return the shortest code of a group's members without what is a student's, and whose it comes from.

        "" and any member, if none can be shown.
        """
        simple: list[tuple[int, str, ast.Module, Member]] = []
        for member in group.members:
            try:
                tree = self._simplified(member)
            except NotSimple:
                continue
            simple.append((size(tree), ast.unparse(tree), tree, member))
        for _, text, tree, member in sorted(simple, key=lambda each: each[:2]):
            if self.alike(text, {0: group.behaviour}):
                reduced = self._reduced(tree, group.behaviour)
                return ast.unparse(self._renamed(reduced)), member  # names without gaps
        return "", group.members[0]

    def _simplified(self, member: Member) -> ast.Module:
        if len(member.texts) != 1:
            raise NotSimple("it stands in several files")
        return self._renamed(next(iter(member.texts.values())))

    def _renamed(self, text: str) -> ast.Module:
        functions = {function.name: function.parameters for function in self._exercise.functions}
        return simplified(text, functions, self._known)

    def _reduced(self, tree: ast.Module, wanted: Behaviour) -> str:
        """Leave out statements one by one as long as the answers stay the same."""
        cost = sum(call.seconds for call in self._shared.right.calls)
        trials = min(_MOST_TRIALS, int(_TRIAL_SECONDS / max(cost, 0.01)))
        tried: set[str] = set()
        while True:
            for candidate in shorter(tree):
                text = ast.unparse(candidate)
                if text in tried:
                    continue
                if len(tried) >= trials:
                    return ast.unparse(tree)
                tried.add(text)
                if self.alike(text, {0: wanted}):
                    tree = parse(text)
                    break
            else:
                return ast.unparse(tree)


def _texts_of(exercise: Exercise) -> Iterable[str]:
    assert exercise.solution is not None
    return [text_of(path) for path in (exercise.solution, *exercise.wrong, *exercise.accepted)]


def _described(
    shared: Shared,
    exercise: Exercise,
    group: _Group,
    ours: _Ours,
    known: Sequence[tuple[Diagnosis, Behaviour]],
) -> Cluster:
    code, member = ours.shortest(group)
    check = next(check for check in member.result.checks if check.outcome is Outcome.FAILED)
    what = group.edit.name if group.edit else code or f"{group.behaviour.stopped} {sorted(member.failed)}"
    return Cluster(
        f"{exercise.name}-{hashlib.sha256(what.encode('utf-8', 'surrogatepass')).hexdigest()[:6]}",
        (exercise.lesson, exercise.name),
        sorted(member.student for member in group.members),
        check.title,
        check.visibility == "hidden",
        check.message,
        code,
        group.edit.name if group.edit else "",
        group.edit.source if group.edit else "",
        "" if group.behaviour.stopped else group.behaviour.raises(shared.right),
        _closest(shared, group, known),
    )


def _closest(shared: Shared, group: _Group, known: Sequence[tuple[Diagnosis, Behaviour]]) -> Closest | None:

    shares = [
        Closest(variant.variant, variant.title, group.behaviour.agreement(behaviour, shared.right))
        for variant, behaviour in known
    ]
    best = max(shares, key=lambda each: each.share, default=None)
    return best if best is not None and best.share > 0 else None
