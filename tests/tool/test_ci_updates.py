"""A student's repository whose course was changed later: by a merge, by a commit that overwrites, in a pull request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader import edition, working_copy
from grader.ci.given_out import given_out
from grader.ci.repository import Repository
from grader.course.finding import find_course
from helpers.course_factory import make_course, write_files
from helpers.pull_requests import Project, git, writing

if TYPE_CHECKING:
    from grader.sandbox.outside.server import Isolation
    from helpers.command import Command
    from helpers.pull_requests import Run

pytestmark = pytest.mark.light

STUB, CHECK = "exercises/numbers/double.py", "exercises/numbers/checks/test_double.py"
WEAK = '''def test_double_of_two(submission):
    """Twice two is four."""
    submission.double(2)
'''
RIGHT = "def double(number):\n    return 2 * number\n"
WRONG = "def double(number):\n    return number\n"
FORGIVING = "def test_double_of_two(submission):\n    pass\n"


def released(root: Path, exercises: list[str], changes: dict[str, str | bytes | None]) -> dict[str, bytes]:
    """Return the files of a release of a small course."""
    course = find_course(make_course(root, exercises, changes))
    files = edition.files(course, edition.COURSE, mistakes=False)
    return working_copy.files(course.name, files, edition.COURSE, None)


class Editions:
    """A course whose first edition has a check that says nothing, and whose second mends it and has one exercise more."""

    def __init__(self, root: Path) -> None:
        self.first = released(root / "first", ["numbers/double", "numbers/twice"], {CHECK: WEAK})
        self.second = released(root / "second", ["numbers/double", "numbers/twice", "words/again"], {})
        self.template = root / "template"
        git(root, "init", "-q", "template")
        for name in ("first", "second"):
            write_files(self.template, getattr(self, name))
            git(self.template, "add", "--all")
            git(self.template, "commit", "-q", "--message", name)
            git(self.template, "tag", name)


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> Editions:
    return Editions(tmp_path_factory.mktemp("editions"))


@pytest.fixture
def student(editions: Editions, tmp_path: Path, command: Command, isolation: Isolation) -> Project:
    """Return a student's repository, made of the first edition in one commit, as from a template."""
    project = Project.__new__(Project)
    project.root, project.work = tmp_path, tmp_path / "work"
    project.command, project.isolation = command, isolation
    git(tmp_path, "init", "-q", "work")
    write_files(project.work, editions.first)
    project.base = project.commit("Initial commit")
    return project


def pushed(project: Project) -> Run:
    """Grade what is on the default branch, as the workflow of a release does."""
    head = git(project.work, "rev-parse", "HEAD")
    git(project.work, "branch", "-f", "pr", head)
    event = {"after": head, "ref": "refs/heads/main", "repository": {"default_branch": "main"}}
    return project.grade(head, "--protected", "report", event=event, name="push")


def commit(project: Project, files: dict[str, str] | dict[str, bytes], message: str = "Work") -> str:
    write_files(project.work, files)
    return project.commit(message)


@pytest.mark.torch
@pytest.mark.parametrize("way", ["overwritten", "merged", "forked"])
def test_after_an_update_the_new_checks_grade_and_nobody_is_told_to_undo_it(
    student: Project, editions: Editions, way: str
) -> None:
    if way == "forked":
        git(student.work, "fetch", "-q", str(editions.template), "first")
        git(student.work, "reset", "-q", "--hard", "FETCH_HEAD")
    commit(student, {STUB: WRONG})
    assert pushed(student).outputs == {"outcome": "passed", "points": "4", "max_points": "10"}

    if way == "overwritten":
        later = {path: text for path, text in editions.second.items() if path != STUB}
        commit(student, later, "Sync the assignment")
    else:
        git(student.work, "fetch", "-q", str(editions.template), "second")
        how = ["--allow-unrelated-histories", "-X", "theirs"] if way == "merged" else []
        git(student.work, "merge", "-q", *how, "--message", "Merge the template", "FETCH_HEAD")
        commit(student, {STUB: WRONG + "\n"})
    run = pushed(student)
    assert (run.status, run.outputs) == (1, {"outcome": "failed", "points": "0", "max_points": "10"})
    assert "Protected file" not in run.stdout
    assert f"file={STUB}" in run.stdout

    commit(student, {STUB: RIGHT, "exercises/words/again.py": RIGHT.replace("double", "again")})
    run = pushed(student)
    assert run.outputs == {"outcome": "passed", "points": "8", "max_points": "20"}
    assert "12 more points are decided later" in run.summary


@pytest.mark.torch
def test_a_check_that_the_student_changed_is_the_editions_again_and_reported(
    student: Project, editions: Editions
) -> None:
    commit(student, {CHECK: FORGIVING, STUB: WRONG})
    later = {path: text for path, text in editions.second.items() if path not in (STUB, CHECK)}
    commit(student, later, "Sync the assignment")  # a merge has kept the student's check
    commit(student, {CHECK: editions.second[CHECK].decode() + "\n"})
    commit(student, {CHECK: FORGIVING})
    write_files(student.work, {"notes.md": "Mine.\n"})
    student.commit("Notes")
    run = pushed(student)
    assert run.outputs["points"] == "4"  # the second edition's check is nowhere: the first edition grades
    assert f"file={CHECK},title=Protected file" in run.stdout

    commit(student, {CHECK: editions.second[CHECK].decode()})
    commit(student, {CHECK: FORGIVING})
    run = pushed(student)
    assert run.outputs["points"] == "0"
    assert f"file={CHECK},title=Protected file" in run.stdout


@pytest.mark.torch
def test_a_pull_request_that_brings_another_edition_is_one_remark_and_is_graded_by_the_one_before(
    student: Project, editions: Editions
) -> None:
    student.base = commit(student, {STUB: WRONG})
    later = {path: text for path, text in editions.second.items() if path != STUB}
    run = student.grade(student.pull_request(writing(later)), "--protected", "report")
    assert (run.status, run.outputs["outcome"]) == (0, "nothing")
    assert [line.partition("::")[2].split("::")[0] for line in run.annotations] == [
        "notice title=Another edition of the course"
    ]
    assert student.grade(student.pull_request(writing(later))).status == 1  # where protected files are refused

    forged = json.loads(editions.first[".grade.json"])
    for path, text in {CHECK: FORGIVING, STUB: WRONG + "\n"}.items():
        forged["files"][path] = working_copy._hash(text.encode())
    files = {CHECK: FORGIVING, ".grade.json": json.dumps(forged), STUB: WRONG + "\n\n"}
    run = student.grade(student.pull_request(writing(files)))
    assert (run.status, run.outputs["points"]) == (1, "4")  # by the weak check of the edition before
    assert "Another edition of the course" in run.stdout


def test_what_was_given_out_is_found_without_writing_into_the_repository(student: Project, editions: Editions) -> None:
    commit(student, {STUB: RIGHT, "README.md": "Mine.\n", ".grade.json": "{"})
    before = sorted(path for path in (student.work / ".git").rglob("*") if path.is_file())
    repository = Repository(student.work)
    head = repository.commit("HEAD")
    with given_out(repository, head, "") as given:
        assert given is not None
        files = given.repository.files(given.tree)
        contents = dict(zip(files, given.repository.contents([blob.id for blob in files.values()]), strict=True))
    assert contents == editions.first
    assert sorted(path for path in (student.work / ".git").rglob("*") if path.is_file()) == before


def test_a_course_with_answers_is_no_copy(tmp_path: Path) -> None:
    project = Project(tmp_path)
    commit(project, {".grade.json": "{}"})
    repository = Repository(project.work)
    with given_out(repository, repository.commit("HEAD"), "") as given:
        assert given is None
