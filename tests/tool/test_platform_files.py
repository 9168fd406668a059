"""What platforms get of a course: valid files, shell that is in order, no secret near students' work, nothing leaked."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest
import yaml

from grader.authoring.platforms.releasing import release_to
from grader.authoring.platforms.wanted import Wanted
from grader.authoring.recording import record
from grader.authoring.release import installation_of, release
from grader.classroom.autograders.classroom50 import grade_checkout
from grader.course.finding import find_course
from grader.distribution import wheel_name
from grader.errors import UsageError
from helpers.course_factory import make_course, write_files
from helpers.recording import recording_with

if TYPE_CHECKING:
    from grader.course.model import Course
    from grader.sandbox.outside.server import ForkServer
    from helpers.command import Command

BIN = Path(sys.executable).parent
HELPERS = Path(__file__).parents[1] / "helpers"
HIDDEN_TEXT = "Twice minus three is minus six."
RIGHT = "def double(number):\n    return 2 * number\n"
PUBLIC_ONLY = "def double(number):\n    return abs(2 * number)\n"
PLATFORMS = ("classroom50", "github", "gitlab")


class Made:
    """A course, and what each platform gets of it."""

    def __init__(self, root: Path, server: ForkServer) -> None:
        changes = {"constraints.txt": "torch==2.13.0\n"}
        self.course: Course = find_course(make_course(root / "course", ["numbers/double", "numbers/twice"], changes))
        with recording_with(server):
            record(self.course, self.course.exercises, jobs=1)
        self.wheel = root / wheel_name()
        self.wheel.write_bytes(b"PK")
        self.folders = {name: root / name for name in PLATFORMS}
        for name in PLATFORMS:
            release_to(name, self.course, self.folders[name], Wanted(("double",)), wheel=self.wheel, jobs=1)  # type: ignore[arg-type]
        self.copy = root / "copy"
        release(self.course, self.copy, "course", installation_of(self.wheel, None))


@pytest.fixture(scope="module")
def made(server: ForkServer, tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("platforms"), server)


FILES = {
    ("github", ".github/workflows/grade.yml"): "vendor.github-workflows",
    ("github", ".github/actions/environment/action.yml"): "vendor.github-actions",
    ("copy", ".github/workflows/grade.yml"): "vendor.github-workflows",
    ("gitlab", ".gitlab-ci.yml"): "vendor.gitlab-ci",
    ("gitlab", "students/grade.yml"): "vendor.gitlab-ci",
}
every_file = pytest.mark.parametrize("key", FILES, ids="/".join)


def place(made: Made, key: tuple[str, str]) -> Path:
    return (made.copy if key[0] == "copy" else made.folders[key[0]]) / key[1]


def scripts(path: Path) -> list[str]:
    """Return the shell of a workflow, an action or a pipeline."""
    read = yaml.safe_load(path.read_text())
    if "gitlab" in path.parts or "students" in path.parts:
        jobs = [job for job in [read.get("default", {}), *read.values()] if isinstance(job, dict)]
        return [line for job in jobs for part in ("before_script", "script") for line in job.get(part, [])]
    found = [read["runs"]] if "runs" in read else list(read["jobs"].values())
    return [step["run"] for job in found for step in job["steps"] if "run" in step]


@pytest.mark.thorough
@every_file
def test_it_is_valid_by_the_published_schema(made: Made, key: tuple[str, str]) -> None:
    command = [BIN / "check-jsonschema", "--builtin-schema", FILES[key], place(made, key)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@every_file
def test_its_shell_passes_shellcheck_and_nothing_is_pasted_into_it(made: Made, key: tuple[str, str]) -> None:
    shell = "sh" if key[0] == "gitlab" else "bash"
    found = scripts(place(made, key))
    assert found
    for script in found:
        assert "${{" not in script
        done = subprocess.run(
            [BIN / "shellcheck", f"--shell={shell}", "-"], input=script, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout


@every_file
def test_actions_of_others_are_pinned_to_a_commit(made: Made, key: tuple[str, str]) -> None:
    uses = [name for name in re.findall(r"uses: (\S+)", place(made, key).read_text()) if not name.startswith("./")]
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", name) for name in uses)


@pytest.mark.parametrize("name", ["setup.sh", "run_autograder"])
def test_the_programs_of_gradescope_pass_shellcheck(name: str) -> None:
    path = Path(__file__).parents[2] / "grader/authoring/platforms/templates" / name
    done = subprocess.run([BIN / "shellcheck", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_secret_is_where_students_code_runs(made: Made) -> None:
    jobs = yaml.safe_load(place(made, ("github", ".github/workflows/grade.yml")).read_text())["jobs"]
    holding = {
        name
        for name, job in jobs.items()
        if re.search(r"secrets\.\w|github\.token|GRADE_GITHUB_TOKEN", json.dumps(job))
    }
    assert holding == {"fetch", "tell"}
    assert jobs["grade"]["permissions"] == {"contents": "read"}
    running = {name for name, job in jobs.items() if "grade batch" in json.dumps(job) or "grade ci" in json.dumps(job)}
    assert running == {"grade"}
    pipeline = yaml.safe_load(place(made, ("gitlab", ".gitlab-ci.yml")).read_text())
    assert {name for name in ("fetch", "grade", "tell") if pipeline[name].get("environment")} == {"fetch", "tell"}
    for key in (("copy", ".github/workflows/grade.yml"), ("gitlab", "students/grade.yml")):
        assert not re.search(r"secrets\.\w|TOKEN", place(made, key).read_text())
    assert yaml.safe_load(place(made, ("copy", ".github/workflows/grade.yml")).read_text())["permissions"] == {
        "contents": "read"
    }


def test_the_private_repositories_have_what_grades_and_the_public_one_no_answer(made: Made) -> None:
    hidden = "course/reference/numbers/double/test_hidden.py"
    assert {name for name in PLATFORMS if (made.folders[name] / hidden).is_file()} == {"github", "gitlab"}
    for name in PLATFORMS:
        assert {"install.py", "requirements.txt", "constraints.txt", made.wheel.name} <= {
            path.name for path in made.folders[name].iterdir()
        }
    public = b"".join(path.read_bytes() for path in made.folders["classroom50"].rglob("*") if path.is_file())
    assert HIDDEN_TEXT.encode() not in public
    assert 'EXERCISES: "numbers/double"' in place(made, ("github", ".github/workflows/grade.yml")).read_text()


@pytest.mark.parametrize(
    ("platform", "target", "options", "said"),
    [
        ("gradescope", "made", {"wheel": True}, "takes an archive: name it made.zip"),
        ("github", "new", {}, "say what with --wheel FILE or --git URL@COMMIT"),
    ],
)
def test_what_a_platform_cannot_do_without_is_one_sentence(
    made: Made, tmp_path: Path, platform: str, target: str, options: dict[str, bool], said: str
) -> None:
    wheel = made.wheel if options.get("wheel") else None
    with pytest.raises(UsageError, match=re.escape(said)):
        release_to(platform, made.course, tmp_path / target, Wanted(), wheel=wheel, jobs=1)  # type: ignore[arg-type]


def test_a_copy_for_students_carries_a_workflow_that_runs_the_public_checks(made: Made) -> None:
    text = place(made, ("copy", ".github/workflows/grade.yml")).read_text()
    assert "grade ci --format github" in text
    assert not (made.copy / "reference").exists()


# --- Classroom 50 -----------------------------------------------------------------------------------------------

ENVIRONMENT = {
    "CLASSROOM": "diffusion", "ASSIGNMENT": "week1", "USERNAME": "ada", "OWNER": "course",
    "SUBMISSION_TAG": "submit/2026-11-20T21-00-00Z-abcdef0", "COMMIT_URL": "https://example.org/commit",
    "RELEASE_URL": "https://example.org/release", "REVIEW_URL": "https://example.org/review",
}  # fmt: skip
RESULT_SCHEMA = json.loads((HELPERS / "schemas/classroom50-result.schema.json").read_text())


def graded(made: Made, checkout: Path) -> dict[str, object]:
    grade_checkout(made.folders["classroom50"], checkout, ENVIRONMENT)
    found: dict[str, object] = json.loads((checkout / "result.json").read_text())
    jsonschema.validate(found, RESULT_SCHEMA)
    return found


@pytest.mark.confined
def test_classroom_50_reads_whole_numbers_of_the_public_checks(made: Made, tmp_path: Path) -> None:
    forged = tmp_path / "elsewhere"
    checkout = write_files(tmp_path / "checkout", {"double.py": PUBLIC_ONLY, ".classroom50.yaml": "x: 1\n"})
    (checkout / "result.json").symlink_to(forged)
    found = graded(made, checkout)
    assert (found["score"], found["max-score"]) == (400, 400)
    assert found["submission"] == ENVIRONMENT["SUBMISSION_TAG"]
    assert not forged.exists()
    assert "4 of 4 points" in (checkout / "release-body.md").read_text()


def test_an_unreadable_checkout_is_a_result_too(made: Made, tmp_path: Path) -> None:
    found = graded(made, write_files(tmp_path / "checkout", {"x.bin": "x"}))
    assert found["score"] == 0


def test_an_autograder_with_answers_is_refused(made: Made, tmp_path: Path) -> None:
    folder = tmp_path / "autograder"
    folder.mkdir()
    (folder / "course").symlink_to(made.course.root)
    (folder / "autograder.json").write_bytes((made.folders["classroom50"] / "autograder.json").read_bytes())
    with pytest.raises(UsageError, match="has answers, and whatever Classroom 50 runs is published"):
        grade_checkout(folder, tmp_path, ENVIRONMENT)


def test_outside_classroom_50_it_says_so(made: Made, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="CLASSROOM, ASSIGNMENT, USERNAME is not set"):
        grade_checkout(made.folders["classroom50"], tmp_path, {})


def test_the_command_makes_an_archive(made: Made, command: Command, tmp_path: Path) -> None:
    target = tmp_path / "autograder.zip"
    done = command.run(
        "release", target, "--platform", "gradescope", "--wheel", made.wheel, "--attempts", "2", "--jobs", "1",
        cwd=made.course.root,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{target}: ")
    with zipfile.ZipFile(target) as archive:
        assert json.loads(archive.read("autograder.json"))["attempts"] == 2
    assert os.access(target, os.R_OK)
