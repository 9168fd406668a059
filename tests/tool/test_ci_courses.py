"""Where the course of a pull request or push is: at the top, in a sub-folder, in another folder or repository."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import pytest

from grader.ci.course_source import folder_of_course
from grader.ci.events import Commits, DeletedBranchError, commits_of_event
from grader.ci.repository import Repository
from grader.errors import UsageError
from helpers.course_factory import make_course, write_files
from helpers.pull_requests import Project, git, writing

if TYPE_CHECKING:
    from pathlib import Path

    from grader.sandbox.outside.server import Isolation
    from helpers.command import Command

pytestmark = pytest.mark.light

STUB = "exercises/numbers/double.py"
RIGHT = "def double(number):\n    return 2 * number\n"
WRONG = '"""Mine."""\n\n\ndef double(number):\n    return number\n'
WITH_HELPER = "from mine import twofold\n\n\ndef double(number):\n    return twofold(number)\n"
HELPER = "def twofold(number):\n    return number + number\n"
SECRET = "Twice minus three is minus six."  # what the hidden check says


class Places:
    """The same course at the top of a repository, in a sub-folder, and in a repository of its own; and a student's."""

    def __init__(self, root: Path) -> None:
        self.top, self.below = (
            Project(_made(root / name), folder) for name, folder in (("t", ""), ("b", "material/course"))
        )
        self.course = make_course(root / "elsewhere", ["numbers/double", "numbers/twice", "words/again"])
        git(root, "init", "-q", "elsewhere")
        git(self.course, "add", "--all")
        git(self.course, "commit", "-q", "--message", "The course")
        self.url = f"{self.course}@{git(self.course, 'rev-parse', 'HEAD')}"
        # A student's repository: a copy without answers, and one that has nothing but their own files.
        self.copy, self.bare = Project(_made(root / "copy")), Project(_made(root / "own"))
        for project, kept in ((self.copy, ("exercises", "rubrics")), (self.bare, ())):
            git(project.work, "rm", "-q", "-r", *{"exercises", "reference", "rubrics"} - {*kept})
            project.base = project.commit("What students get")


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def made_places(tmp_path_factory: pytest.TempPathFactory) -> Places:
    return Places(tmp_path_factory.mktemp("places"))


@pytest.fixture
def places(made_places: Places, command: Command, isolation: Isolation) -> Places:
    for project in (made_places.top, made_places.below, made_places.copy, made_places.bare):
        project.command, project.isolation = command, isolation
    return made_places


class Case(NamedTuple):
    """A change to a repository, where the course is, and what must come of it."""

    project: str
    course: str
    files: dict[str, str]
    event: str
    status: int
    outcome: str
    points: str
    annotated: str


BELOW = f"material/course/{STUB}"
CASES = {
    "base, top, right": Case("top", "", {STUB: RIGHT}, "pull_request", 0, "passed", "10", ""),
    "base, top, pushed": Case("top", "", {STUB: WRONG}, "push", 1, "failed", "0", f"file={STUB},line=4"),
    "base, below, right": Case("below", "", {BELOW: RIGHT}, "pull_request", 0, "passed", "10", ""),
    "base, below, wrong": Case("below", "", {BELOW: WRONG}, "pull_request", 1, "failed", "0", f"file={BELOW},line=4"),
    "base, below, pushed": Case("below", "", {BELOW: WRONG}, "push", 1, "failed", "0", f"file={BELOW},line=4"),
    "base, below, protected": Case(
        "below", "", {BELOW: RIGHT, "material/course/rubrics/numbers.toml": "x"}, "pull_request", 1, "passed", "10",
        "file=material/course/rubrics/numbers.toml,title=Protected file",
    ),
    "base, below, beside": Case("below", "", {"README.md": "Mine.\n"}, "pull_request", 0, "nothing", "0", ""),
    "folder, copy, right": Case("copy", "path", {STUB: RIGHT}, "push", 0, "passed", "10", ""),
    "folder, copy, wrong": Case("copy", "path", {STUB: WRONG}, "pull_request", 1, "failed", "0", f"file={STUB},line=4"),
    "folder, copy, check edited": Case(
        "copy", "path", {STUB: WRONG, "exercises/numbers/checks/test_double.py": "def test(): pass\n"}, "push",
        1, "failed", "0", "file=exercises/numbers/checks/test_double.py,title=Look here",
    ),
    "folder, copy, unchanged": Case("copy", "path", {"diary.md": "Today.\n"}, "push", 0, "nothing", "0", ""),
    "git, copy, dispatched": Case("copy", "git", {STUB: RIGHT}, "workflow_dispatch", 0, "passed", "10", ""),
    "git, own files, right": Case("bare", "git", {"double.py": WITH_HELPER, "mine.py": HELPER}, "push", 0, "passed", "10", ""),
    "git, own files, wrong": Case("bare", "git", {"week1/double.py": WRONG}, "push", 1, "failed", "0", "file=week1/double.py,line=4"),
    "git, own files, by the grader": Case(
        "bare", "git", {"double.py": RIGHT, "conftest.py": "raise SystemExit\n"}, "repository_dispatch", 0, "passed", "10", "",
    ),
}  # fmt: skip


def event_of(name: str, base: str, head: str) -> dict[str, object]:
    """Return the event that GitHub writes of a change."""
    repository = {"default_branch": "main"}
    return {
        "pull_request": {"pull_request": {"base": {"sha": base}, "head": {"sha": head}}},
        "push": {"before": "0" * 40, "after": head, "ref": "refs/heads/pr", "repository": repository},
        "workflow_dispatch": {"ref": "refs/heads/main", "inputs": None, "repository": repository},
        "repository_dispatch": {"action": "grade", "client_payload": {"head": head}, "repository": repository},
    }[name]


@pytest.mark.torch
@pytest.mark.parametrize("name", CASES)
def test_outcome_and_annotations_wherever_the_course_is(places: Places, name: str) -> None:
    case = CASES[name]
    project: Project = getattr(places, case.project)
    options = {"": [], "path": ["--course", str(places.course)], "git": ["--course", places.url]}[case.course]
    head = project.pull_request(writing(case.files))
    run = project.grade(head, *options, event=event_of(case.event, project.base, head), name=case.event)
    assert (run.status, run.stderr) == (case.status, "")
    assert (run.outputs["outcome"], run.outputs["points"]) == (case.outcome, case.points)
    assert run.annotations[:1] == [line for line in run.annotations[:1] if case.annotated and case.annotated in line]
    assert bool(run.annotations) == bool(case.annotated)
    assert SECRET not in run.stdout + run.summary  # nothing of what hidden checks ask for


@pytest.mark.torch
def test_the_first_thing_that_an_annotation_says_is_the_mistake(places: Places) -> None:
    run = places.top.grade(places.top.pull_request(writing({STUB: WRONG})))
    assert run.annotations[0].partition("The number is returned as it is.::")[2].startswith("The number is returned")


@pytest.mark.torch
def test_in_a_pull_request_only_what_changed_is_graded_and_helpers_of_before_are_there(places: Places) -> None:
    project = places.bare
    before = project.base
    project.base = project.pull_request(writing({"mine.py": HELPER, "twice.py": "def twice(number): return 0\n"}))
    try:
        run = project.grade(project.pull_request(writing({"double.py": WITH_HELPER})), "--course", places.url)
    finally:
        project.base = before
    assert run.outputs == {"outcome": "passed", "points": "10", "max_points": "10"}


@pytest.mark.parametrize("name", ["duoble", "doubel", "double_", "Double"])
def test_a_misspelt_function_fails_and_is_told_what_is_meant(places: Places, name: str) -> None:
    project = places.bare
    head = project.pull_request(writing({"homework.py": f"def {name}(number):\n    return 2 * number\n"}))
    run = project.grade(head, "--course", places.url)
    assert (run.status, run.outputs["outcome"]) == (1, "failed")
    assert f"did you mean to rename `{name}`?" in run.summary.replace("\\", "")


@pytest.mark.parametrize(
    "files",
    [
        {"homework.py": "def something_else(number):\n    return 2 * number\n"},
        {"homework.py": "def doubled_by_adding(number):\n    return 2 * number\n"},
        {"homework.py": "doubles = 2\n"},
        {"notes.md": "# double\n"},
    ],
)
def test_what_resembles_no_function_is_nothing_to_grade(places: Places, files: dict[str, str]) -> None:
    project = places.bare
    run = project.grade(project.pull_request(writing(files)), "--course", places.url)
    assert (run.status, run.outputs["outcome"]) == (0, "nothing")
    assert "No function of an exercise was changed, so there is nothing to grade." in run.summary


def test_a_name_like_that_of_an_exercise_is_a_helper_beside_one_that_is_solved(places: Places) -> None:
    project = places.bare
    work = {
        "homework.py": "def twices(number):\n    return 2 * number\n\n\ndef double(number):\n    return twices(number)\n"
    }
    run = project.grade(project.pull_request(writing(work)), "--course", places.url)
    assert (run.status, run.outputs["max_points"]) == (0, "10")


def test_a_course_among_the_files_that_are_graded_is_refused(places: Places) -> None:
    git(places.copy.work, "checkout", "-q", "--detach", places.copy.base)
    options = ["--head", places.copy.base, "--repository", places.copy.work, "--course", places.copy.work]
    done = places.copy.command.run("ci", *options, cwd=places.course)
    assert done.returncode == 2
    assert "lies in the repository that is graded" in done.stderr


@pytest.mark.parametrize(
    ("course", "said"),
    [
        ("/nowhere", "contains no course"),
        ("{course}@feedface", "could not be fetched"),
        ("ext::sh -c touch% /tmp/ran@main", "contains no course"),
        ("https://x:hush@localhost:1/course.git@main", "could not be fetched from https://localhost:1"),
    ],
)
def test_a_course_that_is_not_there_is_one_sentence(places: Places, course: str, said: str) -> None:
    project = places.copy
    where = course.format(course=places.course)
    done = project.command.run("ci", "--head", project.base, "--course", where, cwd=project.work)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert "hush" not in done.stderr


def test_of_several_courses_one_must_be_chosen(tmp_path: Path) -> None:
    for name in ("one", "two"):
        make_course(tmp_path / "work" / name)
    git(tmp_path, "init", "-q", "work")
    git(tmp_path / "work", "add", "--all")
    git(tmp_path / "work", "commit", "-q", "--message", "Two")
    repository = Repository(tmp_path / "work")
    with pytest.raises(UsageError, match=r"several courses \(one, two\): choose with --folder"):
        folder_of_course(repository, "HEAD", None)
    assert folder_of_course(repository, "HEAD", "two/") == "two"
    with pytest.raises(UsageError, match="has no folder three"):
        folder_of_course(repository, "HEAD", "three")


# --- events -----------------------------------------------------------------------------------------------------


def github(tmp_path: Path, event: object, name: str, sha: str = "f" * 40) -> Commits:
    path = write_files(tmp_path, {"event.json": json.dumps(event)}) / "event.json"
    return commits_of_event({"GITHUB_EVENT_PATH": str(path), "GITHUB_EVENT_NAME": name, "GITHUB_SHA": sha})


def test_every_event_names_its_commits(tmp_path: Path) -> None:
    base, head = "a" * 40, "b" * 40
    found = {name: github(tmp_path, event_of(name, base, head), name) for name in ("pull_request", "push")}
    assert found == {"pull_request": Commits(base, head), "push": Commits(None, head, "pr", "main")}
    assert github(tmp_path, event_of("workflow_dispatch", base, head), "workflow_dispatch") == Commits(
        None, "f" * 40, "main", "main"
    )
    assert github(tmp_path, event_of("repository_dispatch", base, head), "repository_dispatch") == Commits(None, head)


@pytest.mark.parametrize("name", ["pull_request_target", "workflow_run"])
def test_events_with_secrets_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="which has secrets"):
        github(tmp_path, event_of("pull_request", "a", "b"), name)


def test_a_deleted_branch_is_nothing_to_grade(tmp_path: Path) -> None:
    with pytest.raises(DeletedBranchError, match="deletes a branch"):
        github(tmp_path, event_of("push", "", "0" * 40), "push")


def test_grading_a_deleted_branch_ends_well(places: Places) -> None:
    run = places.bare.grade("", event=event_of("push", "", "0" * 40), name="push")
    assert (run.status, run.stderr) == (0, "")
    assert "This push deletes a branch, so there is nothing to grade." in run.stdout


def test_a_merge_request_is_compared_with_where_it_began() -> None:
    known = {"GITLAB_CI": "true", "CI_MERGE_REQUEST_DIFF_BASE_SHA": "a", "CI_COMMIT_SHA": "merged"}
    assert commits_of_event(known) == Commits("a", "merged")
    assert commits_of_event({**known, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": "b"}) == Commits("a", "b")
    pushed = {"GITLAB_CI": "true", "CI_COMMIT_SHA": "b", "CI_COMMIT_BRANCH": "mine", "CI_DEFAULT_BRANCH": "main"}
    assert commits_of_event(pushed) == Commits(None, "b", "mine", "main")
