"""Pull requests: what of them is graded, what is refused, and what GitHub is told."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import fromstring

import jsonschema
import pytest
import xmlschema
from msgspec import structs

import grader
from grader.ci import github
from grader.ci.changes import sort_changes
from grader.ci.github import Annotation
from grader.ci.repository import Change
from grader.course.finding import find_course
from grader.course.seeds import Seeds
from grader.errors import UsageError
from grader.report.formats.markdown import fenced, plain
from grader.report.totals import share
from grader.results import CriterionResult, ExerciseResult, Outcome
from helpers.answers import whole
from helpers.notebooks import notebook
from helpers.pull_requests import Project, git, writing

if TYPE_CHECKING:
    from grader.sandbox.outside.server import Isolation
    from helpers.command import Command

pytestmark = pytest.mark.light

SCHEMAS = Path(__file__).parents[1] / "helpers/schemas"
STUB = "exercises/numbers/double.py"
RIGHT = "def double(number):\n    return 2 * number\n"
WRONG = '"""Mine."""\n\n\ndef double(number):\n    return number\n'
RAISING = "def double(number):\n    half = number / 2\n    raise ValueError('::error::' + str(half))\n"


@pytest.fixture(scope="module")
def made_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("project"))


@pytest.fixture
def project(made_project: Project, command: Command, isolation: Isolation) -> Project:
    made_project.command, made_project.isolation = command, isolation
    return made_project


@pytest.mark.torch
def test_a_right_solution_passes(project: Project) -> None:
    run = project.grade(project.pull_request(writing({STUB: RIGHT})), in_a_process=True)
    assert (run.status, run.stderr, run.annotations) == (0, "", [])
    assert run.outputs == {"outcome": "passed", "points": "10", "max_points": "10"}
    assert "**10 of 10 points**" in run.summary


@pytest.mark.torch
def test_a_wrong_one_is_annotated_at_its_function_with_the_mistake(project: Project) -> None:
    run = project.grade(project.pull_request(writing({STUB: WRONG})))
    assert run.status == 1
    assert run.annotations[0].startswith(
        f"::error file={STUB},line=4,title=double%3A The number is returned as it is.::"
    )
    assert "Smallest failing input:%0Adouble(number=" in run.annotations[0]
    assert "> **The number is returned as it is.**" in run.summary
    assert run.outputs["outcome"] == "failed"


@pytest.mark.torch
def test_an_exception_is_annotated_at_its_line(project: Project) -> None:
    run = project.grade(project.pull_request(writing({STUB: RAISING})))
    assert run.annotations[0].startswith(f"::error file={STUB},line=3,")
    assert len(run.annotations) == len(run.stdout.splitlines())  # and nothing of the student's begins a line


@pytest.mark.torch
def test_only_changed_exercises_are_graded(project: Project) -> None:
    files = {
        "exercises/numbers/twice.py": RIGHT.replace("double", "twice"),
        "exercises/words/again.py": "def again(n): 1\n",
    }
    run = project.grade(project.pull_request(writing(files)))
    assert run.outputs == {"outcome": "failed", "points": "10", "max_points": "20"}
    assert "double" not in run.summary


TWICE_WITH_HELPER = """def double(number):
    return 0


def twice(number):
    return number + number
"""


@pytest.mark.torch
def test_a_helper_named_like_another_exercise_is_a_helper(project: Project) -> None:
    files = {STUB: RIGHT, "exercises/numbers/twice.py": TWICE_WITH_HELPER}
    run = project.grade(project.pull_request(writing(files)))
    assert run.outputs == {"outcome": "passed", "points": "20", "max_points": "20"}


@pytest.mark.torch
def test_a_helper_named_like_another_exercise_does_not_get_that_one_graded(project: Project) -> None:
    run = project.grade(project.pull_request(writing({"exercises/numbers/twice.py": TWICE_WITH_HELPER})))
    assert run.outputs == {"outcome": "passed", "points": "10", "max_points": "10"}


@pytest.mark.torch
def test_a_file_whose_name_cannot_be_printed_is_graded_and_shown_escaped(project: Project) -> None:
    files = {"exercises/numbers/\u202emy\u00a0work.py": RAISING, "grader/\u202e.py": ""}
    run = project.grade(project.pull_request(writing(files)))
    assert run.outputs == {"outcome": "failed", "points": "0", "max_points": "10"}
    assert "\\u202emy\\xa0work.py, line 3" in run.annotations[1]
    assert "grader/\\u202e.py was added" in run.annotations[0]
    assert "\u202e" not in run.stdout + run.summary


@pytest.mark.torch
def test_of_a_notebook_the_written_exercises_are_graded(project: Project) -> None:
    unwritten = "%%exercise twice\ndef twice(number):\n    raise NotImplementedError\n"
    raising = "%%exercise double\n" + RAISING
    path = "exercises/numbers/lesson.ipynb"
    run = project.grade(project.pull_request(writing({path: notebook("%load_ext grader", unwritten, raising)})))
    assert run.outputs == {"outcome": "failed", "points": "0", "max_points": "10"}
    assert run.annotations[0].startswith(f"::error file={path},title=double")
    assert "lesson.ipynb, cell 3, line 4" in run.annotations[0]


@pytest.mark.torch
def test_a_renamed_file_is_graded_and_remarked_on(project: Project) -> None:
    def rename(work: Path) -> None:
        stub = work / STUB
        text = stub.read_text().replace("raise NotImplementedError", "return 2 * number")
        stub.rename(work / "exercises/numbers/mine.py").write_text(text)

    run = project.grade(project.pull_request(rename))
    assert (run.status, run.outputs["points"]) == (0, "10")
    assert "was renamed to exercises/numbers/mine.py" in run.annotations[0]


@pytest.mark.torch
def test_a_deleted_stub_is_a_failed_exercise(project: Project) -> None:
    run = project.grade(project.pull_request(lambda work: (work / STUB).unlink()))
    assert (run.status, run.outputs["points"], run.outputs["max_points"]) == (1, "0", "10")
    assert "exercises/numbers/double.py was deleted. Put it back" in run.stdout


@pytest.mark.torch
def test_a_link_is_not_followed(project: Project) -> None:
    def link(work: Path) -> None:
        (work / STUB).unlink()
        (work / STUB).symlink_to("../../reference/numbers/double/solution.py")

    run = project.grade(project.pull_request(link))
    assert (run.status, run.outputs["points"]) == (1, "0")
    assert "is a link, and links are not followed" in run.stdout


@pytest.mark.torch
@pytest.mark.parametrize(
    "path",
    [
        "exercises/numbers/checks/test_double.py", "reference/numbers/double/solution.py", "rubrics/numbers.toml",
        ".github/workflows/grade.yml", "exercises/numbers/conftest.py", "sitecustomize.py", "notes.md",
        "exercises/_workbench.py", "exercises/_shared/_noise.py",
    ],
)  # fmt: skip
def test_protected_files_are_reported_refused_and_never_used(project: Project, path: str) -> None:
    head = project.pull_request(writing({STUB: WRONG, path: "raise SystemExit(0)\n"}))
    run = project.grade(head)
    assert (run.status, run.outputs["points"]) == (1, "0")
    assert run.annotations[0].startswith(f"::error file={path},title=Protected file::")
    assert f"{plain(path)} was" in run.summary


@pytest.mark.torch
def test_what_python_leaves_behind_is_no_protected_file(project: Project) -> None:
    left = "exercises/numbers/checks/__pycache__/test_double.cpython-311-pytest-9.2.0.pyc"
    run = project.grade(project.pull_request(writing({STUB: RIGHT, left: "compiled"})))
    assert (run.status, run.annotations) == (0, [])


@pytest.mark.torch
@pytest.mark.parametrize("status", ["A", "M", "D", "R"])
def test_it_is_none_whatever_became_of_it_but_a_check_that_was_moved_there_is(project: Project, status: str) -> None:
    left = "exercises/numbers/checks/__pycache__/test_double.cpython-311.pyc"
    for before, protected in ((left, 0), ("exercises/numbers/checks/test_double.py", 1)):
        found = sort_changes(find_course(project.work), [Change(status, left, before, "100644", "0" * 40)])
        assert len(found.protected) == protected


@pytest.mark.torch
def test_by_policy_protected_files_are_only_reported(project: Project) -> None:
    head = project.pull_request(writing({STUB: RIGHT, "sitecustomize.py": "raise SystemExit(1)\n"}))
    assert project.grade(head, "--protected", "report").status == 0


@pytest.mark.torch
@pytest.mark.parametrize(
    ("options", "status"),
    [
        (["--policy", "all"], 1),
        (["--policy", "never"], 0),
        (["--policy", "points", "--threshold", "50"], 0),
        (["--policy", "points", "--threshold", "51"], 1),
    ],
)
def test_the_policy_decides_the_status(project: Project, options: list[str], status: int) -> None:
    files = {STUB: RIGHT, "exercises/words/again.py": "def again(number): return number\n"}
    assert project.grade(project.pull_request(writing(files)), *options).status == status


def test_points_that_are_decided_later_fail_nobody() -> None:
    """Half of the points are hidden in a student's repository: whoever has all others has all that can be had there."""
    here = CriterionResult("Here", 4.0, 4.0, Outcome.PASSED, "public", (), manual=False)
    later = CriterionResult("Later", 0.0, 6.0, Outcome.SKIPPED, "hidden", (), manual=False)
    exercise = ExerciseResult("numbers", "double", 4.0, 10.0, Outcome.PASSED, (), (here, later))
    verdict = structs.replace(whole(exercise), points=4.0)
    assert share(verdict) == 1.0
    assert share(structs.replace(verdict, points=1.0)) == 0.25
    assert share(structs.replace(whole(), points=0.0, max_points=0.0)) == 1.0


@pytest.mark.torch
def test_nothing_to_grade_is_no_failure(project: Project) -> None:
    run = project.grade(project.pull_request(writing({"diary.md": "Today.\n"})))
    assert (run.status, run.outputs["outcome"]) == (0, "nothing")
    assert "nothing to grade" in run.summary


@pytest.mark.torch
@pytest.mark.parametrize("name", ["json", "ctrf", "junit"])
def test_where_nothing_is_graded_no_report_of_an_earlier_run_stays(project: Project, tmp_path: Path, name: str) -> None:
    report = tmp_path / "report"
    report.write_text("of an earlier run", encoding="utf-8")
    run = project.grade(project.pull_request(writing({"diary.md": "Today.\n"})), "--also", f"{name}={report}")
    assert (run.status, run.outputs["outcome"]) == (0, "nothing")
    if name == "junit":
        xmlschema.XMLSchema(SCHEMAS / "junit.xsd").validate(report)
        assert fromstring(report.read_text()).get("tests") == "0"
        return
    found = json.loads(report.read_text())
    folder = SCHEMAS if name == "ctrf" else Path(grader.__file__).parent / "schemas"
    schema = folder / ("ctrf.schema.json" if name == "ctrf" else "result-1.schema.json")
    jsonschema.validate(found, json.loads(schema.read_text()))
    assert (found["results"]["tests"] if name == "ctrf" else found["exercises"]) == []


@pytest.mark.torch
def test_every_format_is_valid_by_its_schema_and_written_at_once(project: Project, tmp_path: Path) -> None:
    head = project.pull_request(writing({STUB: WRONG}))
    others = [f"--also={name}={tmp_path / name}" for name in ("json", "ctrf", "codequality", "markdown")]
    run = project.grade(head, "--format", "junit", "-o", str(tmp_path / "junit"), *others)
    assert (run.status, run.stdout, run.stderr) == (1, "", "")

    xmlschema.XMLSchema(SCHEMAS / "junit.xsd").validate(tmp_path / "junit")
    suites = fromstring((tmp_path / "junit").read_text())
    assert (suites.get("tests"), suites.get("failures")) == ("2", "2")
    assert [p.get("value") for p in suites.iter("property")] == ["0", "10"]
    said = [case.findtext("system-out") or "" for case in suites.iter("testcase")]
    assert all(failure.get("message") for failure in suites.iter("failure"))  # that of a hidden check, too
    assert said[0] == "Twice two is four.\nSmall numbers: 0 of 4 points\nnumbers.double: 0 of 10 points"

    found = {name: json.loads((tmp_path / name).read_text()) for name in ("json", "ctrf", "codequality")}
    schemas = {name: SCHEMAS / f"{name}.schema.json" for name in ("ctrf", "codequality")}
    schemas["json"] = Path(grader.__file__).parent / "schemas/result-1.schema.json"
    for name, schema in schemas.items():
        jsonschema.validate(found[name], json.loads(schema.read_text()))
    assert found["json"]["exercises"][0]["name"] == "double"
    assert found["ctrf"]["results"]["summary"]["failed"] == 2
    assert [issue["location"] for issue in found["codequality"]] == [{"path": STUB, "lines": {"begin": 4}}]
    hidden = next(c for c in found["json"]["exercises"][0]["checks"] if c["visibility"] == "hidden")
    assert (hidden["message"], hidden["counterexample"]) == ("", None)


def test_a_format_that_is_not_there_is_refused(project: Project) -> None:
    run = project.grade(project.pull_request(writing({STUB: WRONG})), "--also", "pdf=report.pdf")
    assert run.status == 2
    assert "--also pdf=report.pdf is not FORMAT=FILE with one of github, " in run.stderr


def test_a_place_that_is_not_there_is_refused(project: Project) -> None:
    run = project.grade(project.pull_request(writing({STUB: WRONG})), "--also", "json=reports/report.json")
    assert run.status == 2
    assert "there is no folder reports: name another file.\n" in run.stderr


@pytest.mark.torch
def test_inputs_come_from_the_base_commit_and_can_be_had_again(project: Project, tmp_path: Path) -> None:
    """Whoever looks up the answers to the inputs of their own desk gets nothing for it."""
    head = project.pull_request(writing({STUB: WRONG}))
    run = project.grade(head, "--also", f"json={tmp_path / 'r.json'}")
    seed = Seeds(secret=project.base).of("numbers/double")
    assert json.loads((tmp_path / "r.json").read_text())["exercises"][0]["seed"] == seed
    assert f"`grade double --seed {seed}`" in run.summary
    project.grade(head, "--seed", "7", "--also", f"json={tmp_path / 'r.json'}")
    assert json.loads((tmp_path / "r.json").read_text())["exercises"][0]["seed"] == 7


@pytest.mark.torch
def test_a_path_that_leads_out_of_the_folder_is_no_work(project: Project) -> None:
    def tree(*entries: tuple[str, str, str]) -> str:
        text = "".join(
            f"{mode} {'tree' if mode == '040000' else 'blob'} {blob}\t{name}\n" for mode, name, blob in entries
        )
        done = subprocess.run(
            ["git", "-C", str(project.work), "mktree"], input=text, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    git(project.work, "checkout", "-q", "--detach", project.base)
    blob = git(project.work, "hash-object", "-w", STUB)
    evil = tree(("040000", "..", tree(("100644", "work.py", blob))))
    head = git(project.work, "commit-tree", tree(("040000", "exercises", evil)), "-p", project.base, "-m", "evil")
    git(project.work, "branch", "-f", "pr", head)
    run = project.grade(head, "--protected", "report")
    assert "Traceback" not in run.stderr
    assert not (project.root / "work.py").exists()
    assert run.outputs["points"] == "0"


@pytest.mark.torch
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--base", "0" * 40], "is not in"),
        (["--head", "--upload-pack=x"], "is not a commit"),
        (["--repository", "/"], "is not a git repository"),
    ],
)
def test_bad_input_is_one_sentence(project: Project, options: list[str], said: str) -> None:
    run = project.grade(project.base, *options)
    assert run.status == 2
    assert said in run.stderr
    assert run.stderr.count("\n") == 1


@pytest.mark.torch
def test_outside_a_workflow_the_commits_must_be_named(
    project: Project, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("GITHUB_")]:
        monkeypatch.delenv(name)
    done = command.run("ci", cwd=project.work)
    assert done.returncode == 2
    assert "--base and --head" in done.stderr


# --- what GitHub reads ------------------------------------------------------------------------------------------


def test_commands_are_escaped() -> None:
    line = github.commands([Annotation("error", "a: 50 %, b", "one\r\ntwo::error::x", "x,y.py", 3)])
    assert line == "::error file=x%2Cy.py,line=3,title=a%3A 50 %25%2C b::one%0D%0Atwo::error::x"


def test_what_is_too_many_is_counted() -> None:
    lines = github.commands([Annotation("error", "t", str(n)) for n in range(13)]).splitlines()
    assert len(lines) == 11
    assert lines[-1] == "::notice title=More in the summary::3 more are in the summary."


def test_a_summary_stays_below_a_mebibyte(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    path.write_text("before\n")
    github.append_summary("\u00e9\n" * 700_000, {"GITHUB_STEP_SUMMARY": str(path)})
    content = path.read_bytes()
    assert len(content) <= 1024 * 1024
    assert content.startswith(b"before\n")
    assert content.decode().endswith("GitHub shows one MiB.)\n")


def test_students_text_is_no_markup() -> None:
    assert plain("<img> @team [a](b) `x` # y") == "\\<img\\> \\@team \\[a\\](b) \\`x\\` \\# y"
    assert fenced("a\n````\nb").splitlines()[0] == "`````text"


def test_outputs_cannot_be_forged(tmp_path: Path) -> None:
    github.append_outputs({"outcome": "failed\noutcome=passed"}, {"GITHUB_OUTPUT": str(tmp_path / "o")})
    assert (tmp_path / "o").read_text() == "outcome=failed outcome=passed\n"


# --- paths that a pull request makes up -----------------------------------------------------------------------------------


@pytest.mark.torch
def test_a_lesson_with_a_dot_in_its_name_breaks_nothing(project: Project) -> None:
    run = project.grade(project.pull_request(writing({STUB: RIGHT, "exercises/new.lesson/work.py": "x = 1\n"})))
    assert (run.status, run.stderr, run.outputs["outcome"]) == (0, "", "passed")


@pytest.mark.torch
def test_a_name_that_no_disk_takes_is_the_students_to_change(project: Project) -> None:
    path = f"exercises/numbers/{'x' * 300}.py"
    found = sort_changes(find_course(project.work), [Change("A", path, path, "100644", "0" * 40)])
    assert found.work == []
    assert found.remarks == {path: f"{path} has a name that is too long: rename it."}


def test_a_summary_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="set GITHUB_STEP_SUMMARY to a file that can"):
        github.append_summary("x", {"GITHUB_STEP_SUMMARY": str(tmp_path)})
