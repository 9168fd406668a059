"""Opens a pull request or push for grading, and says what there is to say about its lines and files."""

from __future__ import annotations

import ast
import hashlib
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.ci.changes import Sorted, exercises_to_grade, inside, sort_changes, sort_files
from grader.ci.course_source import course_elsewhere, course_in, folder_of_course
from grader.ci.github import Annotation
from grader.ci.given_out import given_out, record_at
from grader.course.names import misspelt
from grader.course.syntax import is_unwritten, parse
from grader.errors import UsageError
from grader.report.failures import failures, points, rank
from grader.report.formats.markdown import MARKS, markdown, plain
from grader.results import Outcome
from grader.sandbox.outside.reader import read_handed_in_texts
from grader.submission.entries import Form, form_of
from grader.submission.model import Problem
from grader.submission.text import printable, shown
from grader.working_copy import RECORD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.ci.course_source import Source
    from grader.ci.events import Commits
    from grader.ci.github import Level
    from grader.ci.repository import Change, Repository
    from grader.course.model import Course, Exercise
    from grader.report.failures import Failure
    from grader.results import ExerciseResult, Verdict
    from grader.submission.model import Submission

_EXERCISES = "exercises/"
_MOST_LISTED = 20
_MOST_FILES = 2000


@dataclass
class PullRequest:
    """The student's part of a pull request or push, ready to be graded; `source` is the course that grades it."""

    source: Source
    changes: Sorted
    submission: Submission
    exercises: tuple[Exercise, ...]

    @property
    def course(self) -> Course:
        """The course that grades it."""
        return self.source.course


@contextmanager
def open_pull_request(
    repository: Repository, commits: Commits, place: str | None = None, folder: str | None = None
) -> Iterator[PullRequest]:
    """Yield what is to be graded of a head commit, with the course there until the block ends.

    The course is that of the base commit, or the one at `place`, a folder or `GIT-URL@COMMIT`. `folder` is where in the
    repository it, or the student's copy, lies; it is looked for if not given.

    Raises:
        UsageError: a commit is missing, or there is no course.
    """
    head = repository.commit(commits.head)
    if place is None:
        with _from_its_base(repository, commits, head, folder) as request:
            yield request
        return
    with course_elsewhere(place, repository, head, folder) as source:
        files = repository.changes(None, head)
        changed = repository.changes(repository.commit(commits.base), head) if commits.base else files
        changes = sort_files(source.course, files, changed, source.folder)
        if len(changes.work) > _MOST_FILES:
            raise UsageError(f"The repository has {len(changes.work)} files of code: take out all but your own.")
        submission, code = _read(repository, changes.work, source.folder)
        new = {change.path for change in changed}
        fresh = [change for change in changes.work if change.path in new]
        if len(fresh) < len(changes.work):
            written = _written(source.course, *_read(repository, fresh, source.folder))
        else:
            written = _written(source.course, submission, code)
        yield PullRequest(source, changes, submission, exercises_to_grade(source.course, changes, written))


@contextmanager
def _from_its_base(repository: Repository, commits: Commits, head: str, folder: str | None) -> Iterator[PullRequest]:
    """Yield what is to be graded with the course of the base commit, or with what a student's copy was given out."""
    base = commits.base or repository.default_tip(commits.branch, commits.default_branch)
    known = repository.commit(base) if base else head
    where = (folder_of_course(repository, known, folder) if base or folder is None else folder.strip("/")) or ""
    with given_out(repository, known, where) as given:
        if given is None:
            start = known if base else repository.first_commit(head)
            opened, changed = course_in(repository, start, folder), repository.changes(start, head)
        else:
            opened = course_in(given.repository, given.tree, folder)
            changed = repository.changes(known, head) if base else given.repository.differences(given.tree, head)
        with opened as found:
            source = found._replace(secret=given.secret) if given else found
            update = _of_another_edition(repository, changed, known, head, source.folder) if given and base else []
            own = [change for change in changed if change not in update]
            changes = sort_changes(source.course, own, source.folder)
            changes.update = update
            submission, code = _read(repository, changes.work, source.folder)
            written = _written(source.course, submission, code)
            yield PullRequest(source, changes, submission, exercises_to_grade(source.course, changes, written))


def _of_another_edition(
    repository: Repository, changed: Sequence[Change], base: str, head: str, folder: str
) -> list[Change]:
    """Return the changes that only bring what the record of the head commit names, another one than the base's."""
    record, before = (record_at(repository, commit, folder) for commit in (head, base))
    if record is None or before is None or record == before:
        return []
    changes = [change for change in changed if inside(change.path, folder)]
    contents = repository.contents([change.blob for change in changes if change.is_file])
    found = []
    for change in changes:
        path = inside(change.path, folder)
        digest = hashlib.sha256(next(contents)).hexdigest() if change.is_file else None
        if path == RECORD or (record.files.get(path) == digest and (digest or path in before.files)):
            found.append(change)
    return found


def _read(repository: Repository, work: Sequence[Change], folder: str) -> tuple[Submission, list[bytes]]:
    """Return files of work as a submission, and the content of those that are code."""
    texts = [(_shown(change, folder), repository.content(change)) for change in work]
    submission = read_handed_in_texts("work", texts, keep_folders=True)
    return submission, [content for name, content in texts if form_of(name) not in (Form.TEXT, Form.TOML)]


def _shown(change: Change, folder: str) -> str:
    """Return what messages call a changed file of work: its lesson and its name."""
    return shown(inside(change.path, folder).removeprefix(_EXERCISES))


def _written(course: Course, submission: Submission, work: Sequence[bytes]) -> set[str]:
    """Return the functions of exercises that the work defines, stubs that only raise `NotImplementedError` apart.

    What the stub of another exercise defines is a helper of that one. The names of questions that it answers are among
    them. Where there is nothing, a function that nothing defines counts if the work defines one of almost that name: it
    fails, and what was meant is said.
    """
    raw = "\n".join(content.decode("utf-8", "replace") for content in work)
    raw = raw.replace("\\n", "\n")  # as JSON writes the lines of a notebook's cell
    stubs = {f"{exercise.key}.py": exercise for exercise in course.exercises}
    written = set()
    for exercise in course.exercises:
        names = {f.name for f in exercise.functions if re.search(rf"\bdef\s+{f.name}\b", raw)}
        source = submission.source_of(exercise) if names else None
        if source is not None and not isinstance(source, Problem):
            modules = {name: source.modules[name] for name in names}
            names = {
                name
                for name, module in modules.items()
                if stubs.get(module, exercise) is exercise and not is_unwritten(parse(source.files[module]), name)
            }
        written |= names
        if exercise.is_questions:
            answers = submission.answers_to_questions(exercise)
            unread = (*answers.unread, *answers.twice)  # which the verdict explains
            written |= {check.name for check in exercise.checks} if unread else answers.given.keys()
    return written or _misspelt(course, submission, raw)


def _misspelt(course: Course, submission: Submission, raw: str) -> set[str]:
    known = {function.name for exercise in course.in_code for function in exercise.functions}
    defined = set(re.findall(r"\bdef\s+(\w+)", raw)) - known
    return {
        function.name
        for exercise in course.in_code
        if isinstance(submission.source_of(exercise), Problem)
        for function in exercise.functions
        if misspelt(function.name, defined)
    }


def remarks(request: PullRequest, verdict: Verdict | None) -> list[Annotation]:
    """Return the remarks about lines and files, the most helpful ones first."""
    found = [
        Annotation("error", "Protected file", f"{sentence} It was not used.", change.path)
        for change in request.changes.protected
        for sentence in [_protected(change)]
    ]
    if request.changes.update:
        found.append(Annotation("notice", "Another edition of the course", _updated(request.changes.update)))
    found += [Annotation("warning", "Look here", said, path) for path, said in request.changes.remarks.items()]
    failed = (
        [(exercise, failure) for exercise in verdict.exercises for failure in failures(exercise.checks)]
        if verdict
        else []
    )
    failed.sort(key=lambda pair: rank(pair[1].check))
    found += [_annotation(request, exercise, failure) for exercise, failure in failed]
    return found


def _protected(change: Change) -> str:
    what = {"A": "was added", "D": "was deleted", "R": f"was moved from {printable(change.before)}"}.get(
        change.status, "was edited"
    )
    return f"{printable(change.path)} {what}, but students must not change it: undo this change."


def _updated(update: Sequence[Change]) -> str:
    files = "1 file is" if len(update) == 1 else f"{len(update)} files are"
    return f"{files} those of another edition of the course, which grades as soon as this is merged."


def _annotation(request: PullRequest, exercise: ExerciseResult, failure: Failure) -> Annotation:
    best = failure.check
    lines = [f"{found.title} {' '.join(found.explanation.split())}\n" for found in best.diagnosis]
    lines += [best.message] if best.message else []
    lines = lines or [best.title]  # a hidden check says no more
    if best.counterexample is not None:
        lines += ["", "Smallest failing input:", best.counterexample.call]
        lines += [
            f"{label}: {text}"
            for label, text in (("expected", best.counterexample.expected), ("yours", best.counterexample.actual))
            if text
        ]
    path, line = _place(request, exercise, best.message)
    level: Level = "warning" if best.outcome is Outcome.ERROR else "error"
    title = f"{exercise.name}: {best.diagnosis[0].title if best.diagnosis else best.title}"
    return Annotation(level, title, "\n".join(lines), path, line)


def _place(request: PullRequest, exercise: ExerciseResult, message: str) -> tuple[str, int]:
    """Return the student's line that a message names last, else that of the function; no line of a notebook."""
    work = {_shown(change, request.source.folder): change.path for change in request.changes.work}
    for called, path in work.items():
        if lines := re.findall(rf"{re.escape(called)}[^\n]*?\bline (\d+)", message):
            return path, 0 if path.endswith(".ipynb") else int(lines[-1])
    known = next(e for e in request.exercises if (e.lesson, e.name) == (exercise.lesson, exercise.name))
    source = request.submission.source_of(known)
    if isinstance(source, Problem) or known.is_questions:
        return work.get(known.stub.relative_to(request.source.course.root / "exercises").as_posix(), ""), 0
    module = source.modules[known.functions[0].name]
    if module not in work:  # made of a notebook
        return next((path for called, path in work.items() if module.startswith(called.removesuffix(".ipynb"))), ""), 0
    tree = parse(source.files[module])
    starts = [
        node.lineno for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == known.functions[0].name
    ]
    return work[module], starts[-1] if starts else 0


def summary(request: PullRequest, verdict: Verdict | None) -> str:
    """Return the whole outcome as Markdown."""
    changes = request.changes
    parts = [f"# {plain(request.course.name)}\n"]
    if changes.protected:
        parts.append(f"### {MARKS[Outcome.FAILED]} Protected files\n")
        parts += _listed([_protected(change) for change in changes.protected])
        parts.append("\nNone of this was used: the exercises were graded with the files as they were before.\n")
    if changes.update:
        parts.append(f"{_updated(changes.update)}\n")
    if changes.remarks:
        parts.append("### Look here\n")
        parts += [*_listed(list(changes.remarks.values())), ""]
    if verdict is None:
        parts.append("No function of an exercise was changed, so there is nothing to grade.")
    else:
        parts.append(markdown(verdict))
    if changes.others:
        parts.append(f"\n<sub>Other changed files, not looked at: {len(changes.others)}.</sub>")
    return "\n".join(parts)


def _listed(sentences: Sequence[str]) -> list[str]:
    more = [f"* and {len(sentences) - _MOST_LISTED} more"] if len(sentences) > _MOST_LISTED else []
    return [f"* {plain(sentence)}" for sentence in sentences[:_MOST_LISTED]] + more


def outputs(verdict: Verdict | None) -> dict[str, str]:
    """Return the step's outputs: `outcome`, `points`, `max_points`."""
    if verdict is None:
        return {"outcome": "nothing", "points": "0", "max_points": "0"}
    return {
        "outcome": verdict.outcome.value,
        "points": points(verdict.points),
        "max_points": points(verdict.max_points),
    }
