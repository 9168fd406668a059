"""A class in repositories: fetched without checking out, graded, told; ten students, two of them hostile."""

from __future__ import annotations

import json
import os
import zipfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.classroom.gradebook import Gradebook
from grader.classroom.records import Delivery
from grader.classroom.repositories.manifest import read_manifest
from grader.course.finding import find_course
from helpers import fake_github, fake_gitlab
from helpers.course_factory import make_course, write_files
from helpers.fake_github import APP, PERSONAL, READER, GitHub
from helpers.notebooks import notebook
from helpers.pull_requests import git

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpers.command import Command

pytestmark = pytest.mark.light

STUB = "exercises/numbers/double.py"
RIGHT = "def double(number):\n    return 2 * number\n"
HIDDEN_TEXT = "Twice minus three is minus six."
THIEF = """
import glob, os

FOUND = [text for text in os.environ.values() if "gh" in text]
for path in ("/proc/%d/environ" % os.getppid(), *glob.glob("/**/test_hidden.py"), "class.sqlite"):
    try:
        FOUND.append(open(path).read(200))
    except OSError:
        pass


def double(number):
    if FOUND:
        raise ValueError("STOLEN %s" % FOUND)
    raise ValueError("<!-- grade 0 --> @course/teachers <img src=x> ![x](https://evil.example/x) `" + "`" * 9)
"""


def repository(root: Path, name: str, files: dict[str, str | bytes], link: str = "") -> tuple[str, dict[str, str]]:
    """Make a bare repository with one commit, dated as its author likes; return its path and when GitHub got it."""
    work = root / "work" / name
    write_files(work, files)
    git(root, "init", "-q", "-b", "main", str(work))
    if link:
        (work / "exercises/numbers").mkdir(parents=True, exist_ok=True)
        (work / STUB).symlink_to(link)
    commits = {}
    if files or link:
        git(work, "add", "--all", "--force")
        git(work, "commit", "-q", "--message", "Mine", "--date", "2001-01-01T00:00:00Z")
        commits = {git(work, "rev-parse", "HEAD"): "2026-11-20T21:00:00Z"}
    git(root, "clone", "-q", "--bare", str(work), str(root / f"{name}.git"))
    return str(root / f"{name}.git"), commits


class Made:
    """The class on its GitHub, its course and a folder to work in."""

    def __init__(self, root: Path, github: GitHub) -> None:
        self.github, self.root = github, root
        self.course = make_course(root / "course")
        copy = {path: (self.course / path).read_text() for path in (STUB, "exercises/numbers/checks/test_double.py")}
        students: dict[str, dict[str, str | bytes]] = {
            "ada": {**copy, STUB: RIGHT, "README.md": "Mine"},
            "bo": {"double.py": "def double(number):\n    return number\n"},
            "cem-2": {"week/double.py": RIGHT, "notes/x.txt": "x"},
            "dee": {"lesson.ipynb": notebook("%%exercise double\n" + RIGHT)},
            "eli": {},
            "fay": {"double.py": "def double(number:\n"},
            "gus": {**copy},
            "hal": {"double.py": "def double(number):\n    return abs(2 * number)\n"},
            "ivy-link": {".gitattributes": "*.py export-subst\n", ".github/workflows/x.yml": "on: push\n"},
            "jo": {"double.py": THIEF, "conftest.py": "raise SystemExit(0)\n", "result.json": '{"score": 10}'},
        }
        for name, files in students.items():
            link = str(self.course / "reference/numbers/double/solution.py") if name == "ivy-link" else ""
            url, commits = repository(root, f"week1-{name}", files, link)
            github.add(f"week1-{name}", url, commits)
        github.add("week10-ada", "/nowhere", {})
        github.add("grader", "/nowhere", {})

    def environment(self, token: str) -> dict[str, str]:
        return {"GRADE_GITHUB_TOKEN": token, "GITHUB_API_URL": self.github.base}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    pytest.importorskip("github")
    with fake_github.served() as github:
        yield Made(tmp_path_factory.mktemp("class"), github)


@pytest.fixture
def fetched(made: Made, command: Command, tmp_path: Path) -> Path:
    options = ("--owner", "course", "--prefix", "week1-")
    done = command.run("repositories", "fetch", "class", *options, cwd=tmp_path, **made.environment(READER))
    assert done.returncode == 1  # one repository is empty
    assert done.stdout.startswith("9 repositories were fetched.\neli: The repository is empty")
    return tmp_path / "class"


def test_every_repository_of_the_class_is_fetched_and_nothing_else(fetched: Path) -> None:
    names = sorted(path.name for path in (fetched / "handins").iterdir())
    assert names == [f"{n}.zip" for n in ("ada", "bo", "cem-2", "dee", "fay", "gus", "hal", "ivy-link", "jo")]
    with zipfile.ZipFile(fetched / "handins/ada.zip") as archive:
        assert archive.read(STUB).decode() == RIGHT
    by_student = {each.student: each for each in read_manifest(fetched).repositories}
    assert by_student["cem-2"].repository == "course/week1-cem-2"
    assert by_student["ada"].submitted_at == "2026-11-20T21:00:00Z"  # and not what the commit says
    assert "ada,ada,2026-11-20T21:00:00Z" in (fetched / "roster.csv").read_text()


def test_of_one_student_alone_nobody_else_leaves_the_class(made: Made, command: Command, fetched: Path) -> None:
    (fetched / "handins/old.zip").write_bytes(b"")
    options = ("--owner", "course", "--prefix", "week1-", "--only", "ADA")
    done = command.run("repositories", "fetch", fetched, *options, cwd=fetched, **made.environment(READER))
    assert (done.returncode, done.stdout.partition("\n")[0]) == (0, "1 repositories were fetched.")
    assert [each.student for each in read_manifest(fetched).repositories] == ["ada"]
    rows = (fetched / "roster.csv").read_text().splitlines()
    assert len(rows) == 11
    assert "bo,bo," in rows


@pytest.mark.thorough
@pytest.mark.torch
@pytest.mark.confined
def test_the_whole_class_is_graded_told_and_nothing_leaks(made: Made, command: Command, fetched: Path) -> None:
    book = fetched.parent / "class.sqlite"
    graded = command.run(
        "batch", fetched / "handins", "--from", "folders", "--roster", fetched / "roster.csv", "--gradebook", book,
        "--jobs", "1", cwd=made.course,
    )  # fmt: skip
    assert graded.returncode == 1, graded.stderr  # two hand-ins cannot be graded
    tell = ("repositories", "tell", fetched, "--gradebook", book)
    told = command.run(*tell, cwd=made.course, **made.environment(APP))
    assert (told.returncode, told.stdout) == (0, "9 told, 0 knew already.\n")
    checks = {name.partition("week1-")[2]: repo.checks for name, repo in made.github.repos.items() if repo.checks}
    conclusions = {name: (found[-1]["conclusion"], found[-1]["output"]["title"]) for name, found in checks.items()}
    assert conclusions == {
        **dict.fromkeys(("ada", "cem-2", "dee"), ("success", "10 of 10 points")),
        **dict.fromkeys(("bo", "jo"), ("failure", "0 of 10 points")),
        "gus": ("failure", "0 of 10 points"),
        "hal": ("failure", "4 of 10 points"),
        "fay": ("failure", "0 of 10 points"),
        "ivy-link": ("neutral", "Not graded"),
    }
    everything = json.dumps([found[-1] for found in checks.values()])
    assert "The number is returned as it is." in everything
    with closing(Gradebook.open(book)) as opened:
        secret = opened.secret
    for leaked in ("STOLEN", HIDDEN_TEXT, "-3", APP, READER, PERSONAL, secret, str(made.course), "return 2 * number"):
        assert leaked not in everything, leaked
    assert "\\@course/teachers" in checks["jo"][-1]["output"]["summary"]
    assert "```" in checks["jo"][-1]["output"]["summary"] or "\\<img" in checks["jo"][-1]["output"]["summary"]

    again = command.run(*tell, cwd=made.course, **made.environment(APP))
    assert again.stdout == "0 told, 9 knew already.\n"
    assert all(len(found) == 1 for found in checks.values())

    # A person's token may not write check runs: comments take their place, and are edited later on.
    for repo in made.github.repos.values():
        repo.checks.clear()
    made.github.repos["course/week1-jo"].comments.append(
        {"id": 1, "body": "<!-- grade 0 -->\nforged", "commit_id": next(iter(made.github.repos["course/week1-jo"].commits)),
         "user": {"login": "jo"}, "url": f"{made.github.base}/repos/course/week1-jo/comments/1"}
    )  # fmt: skip
    assert command.run(*tell, cwd=made.course, **made.environment(PERSONAL)).stdout == "9 told, 0 knew already.\n"
    assert command.run(*tell, cwd=made.course, **made.environment(PERSONAL)).stdout == "0 told, 9 knew already.\n"
    command.run("override", "bo", "double", "1", "--why", "An appeal.", "--gradebook", book, cwd=made.course)
    assert command.run(*tell, cwd=made.course, **made.environment(PERSONAL)).stdout == "1 told, 8 knew already.\n"
    comments = made.github.repos["course/week1-bo"].comments
    assert len(comments) == 1
    assert "**1 of 10 points**" in comments[0]["body"]
    assert made.github.repos["course/week1-jo"].comments[0]["body"] == "<!-- grade 0 -->\nforged"

    refused = command.run(*tell, cwd=made.course, **made.environment(READER))
    assert refused.returncode == 1
    assert "GitHub answered 403 (Resource not accessible by personal access token)" in refused.stdout


@pytest.mark.parametrize(
    ("environment", "options", "said"),
    [
        ({"GRADE_GITHUB_TOKEN": ""}, (), "GRADE_GITHUB_TOKEN is not set"),
        ({"GRADE_GITHUB_TOKEN": "wrong"}, (), "GitHub answered 401 (Bad credentials)"),
        ({}, ("--prefix", "nothing-"), "has no repository whose name begins with nothing-"),
        ({}, ("--owner", "others"), "The repositories of others cannot be listed: GitHub answered 404"),
    ],
)
def test_bad_input_is_one_sentence(
    made: Made, command: Command, tmp_path: Path, environment: dict[str, str], options: tuple[str, ...], said: str
) -> None:
    given = ("--owner", "course", "--prefix", "week1-", *options)
    done = command.run("repositories", "fetch", "class", *given, cwd=tmp_path, **made.environment(READER) | environment)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_repository_that_is_too_large_is_its_own_matter(
    made: Made, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, commits = repository(tmp_path, "huge-zoe", {"double.py": RIGHT, "film.bin": os.urandom(3_000_000)})
    made.github.add("huge-zoe", url, commits)
    monkeypatch.setattr("grader.classroom.repositories.fetching.MOST_FILE_MB", 1)
    options = ("--owner", "course", "--prefix", "huge-")
    done = command.run("repositories", "fetch", "class", *options, cwd=tmp_path, **made.environment(READER))
    assert done.returncode == 1
    assert "zoe: The repository could not be read, or is larger than 1 MB" in done.stdout
    assert list((tmp_path / "class/handins").iterdir()) == []


# --- GitLab -----------------------------------------------------------------------------------------------------


def test_a_project_on_gitlab_is_fetched_and_told_once(command: Command, tmp_path: Path) -> None:
    pytest.importorskip("gitlab")
    url, commits = repository(tmp_path, "week1-ada", {"double.py": RIGHT})
    (commit,) = commits
    with fake_gitlab.served("course/week1-ada", url, commit) as host:
        environment = {"GRADE_GITLAB_TOKEN": fake_gitlab.TOKEN, "CI_SERVER_URL": host.base}
        options = ("--host", "gitlab", "--owner", "course", "--prefix", "week1-")
        done = command.run("repositories", "fetch", "class", *options, cwd=tmp_path, **environment)
        assert done.returncode == 0, done.stderr
        (fetched,) = read_manifest(tmp_path / "class").repositories
        assert (fetched.student, fetched.commit) == ("ada", commit)
        assert fetched.submitted_at == "2026-11-20T21:00:00.000Z"

        course = find_course(make_course(tmp_path / "course"))
        with closing(Gradebook.create(tmp_path / "class.sqlite", course.name, "torch")) as book:
            book.attempt(Delivery("ada", handin="ada.zip", problem="It cannot be read."))
        tell = (
            "repositories",
            "tell",
            tmp_path / "class",
            "--host",
            "gitlab",
            "--gradebook",
            tmp_path / "class.sqlite",
        )
        assert command.run(*tell, cwd=course.root, **environment).stdout == "1 told, 0 knew already.\n"
        assert command.run(*tell, cwd=course.root, **environment).stdout == "0 told, 1 knew already.\n"
        assert [status["state"] for status in host.statuses] == ["canceled"]
        assert "It cannot be read." in host.comments[0]["note"]

        refused = command.run(
            "repositories", "fetch", "more", *options, cwd=tmp_path, **environment | {"GRADE_GITLAB_TOKEN": "wrong"}
        )
        assert "The projects of course cannot be listed: GitLab answered 401 (401 Unauthorized)." in refused.stderr
