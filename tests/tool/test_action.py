"""The action and the workflows: valid by GitHub's schemas, their shell by shellcheck, safe for forks."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest
import yaml

from helpers.course_factory import write_files

if TYPE_CHECKING:
    from helpers.command import Command

pytestmark = pytest.mark.light

PROJECT = Path(__file__).parents[2]
ACTION = PROJECT / "action.yml"
WORKFLOWS = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))
WORKFLOW = PROJECT / ".github" / "workflows" / "grade.yml"
CI = PROJECT / ".github" / "workflows" / "ci.yml"
RELEASE = PROJECT / ".github" / "workflows" / "release.yml"
HOOK = {  # what pre-commit's documentation says of a hook
    "type": "object",
    "required": ["id", "name", "entry", "language"],
    "additionalProperties": False,
    "properties": {
        **{key: {"type": "string"} for key in ("id", "name", "entry", "language", "description", "files", "exclude")},
        "pass_filenames": {"type": "boolean"},
        "language": {"enum": ["python", "system", "script"]},
    },
}
BIN = Path(sys.executable).parent


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("path", "schema"),
    [
        (ACTION, "vendor.github-actions"),
        *((path, "vendor.github-workflows") for path in WORKFLOWS),
    ],
    ids=lambda value: getattr(value, "stem", ""),
)
def test_it_is_valid_by_the_published_schema(path: Path, schema: str) -> None:
    done = subprocess.run(
        [BIN / "check-jsonschema", "--builtin-schema", schema, path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def scripts(*paths: Path) -> list[str]:
    """Return all shell scripts of some workflows, or of the action, each once."""
    steps = []
    for path in paths:
        found = yaml.safe_load(path.read_text())
        for job in found["jobs"].values() if "jobs" in found else [found["runs"]]:
            steps += job["steps"]
    return list(dict.fromkeys(step["run"] for step in steps if "run" in step))


@pytest.mark.parametrize("script", scripts(ACTION, *WORKFLOWS))
def test_its_shell_passes_shellcheck(script: str) -> None:
    done = subprocess.run(
        [BIN / "shellcheck", "--shell=bash", "-"], input=script, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("script", scripts(ACTION, *WORKFLOWS))
def test_no_value_from_outside_is_pasted_into_its_shell(script: str) -> None:
    assert "${{" not in script


@pytest.mark.parametrize("path", [ACTION, *WORKFLOWS], ids=lambda path: path.stem)
def test_actions_of_others_are_pinned_to_a_commit(path: Path) -> None:
    uses = [name for name in re.findall(r"uses: (\S+)", path.read_text()) if name != "./"]
    assert uses
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", name) for name in uses)


def test_the_workflow_has_no_secret_and_a_token_that_can_only_read() -> None:
    text = WORKFLOW.read_text()
    workflow = yaml.safe_load(text)
    assert workflow[True] == "pull_request"  # YAML reads the key `on` as true
    assert workflow["permissions"] == {"contents": "read"}
    assert not re.search(r"\$\{\{[^}]*secrets", text + ACTION.read_text())
    checkout = workflow["jobs"]["grade"]["steps"][0]["with"]
    assert checkout["ref"] == "${{ github.event.pull_request.base.sha }}"
    assert checkout["persist-credentials"] is False


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_token_can_only_read_except_where_a_version_is_published(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text())
    assert workflow["permissions"] == {"contents": "read"}
    assert {name: job["permissions"] for name, job in workflow["jobs"].items() if "permissions" in job} == (
        {"publish": {"id-token": "write", "attestations": "write"}, "github": {"contents": "write"}}
        if path == RELEASE
        else {}
    )


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_no_checkout_leaves_a_token_behind(path: Path) -> None:
    steps = [step for job in yaml.safe_load(path.read_text())["jobs"].values() for step in job["steps"]]
    checkouts = [step for step in steps if step.get("uses", "").startswith("actions/checkout@")]
    assert [step.get("with", {}).get("persist-credentials") for step in checkouts] == [False] * len(checkouts)


def test_a_version_is_published_only_from_what_was_built_and_tried_before() -> None:
    jobs = yaml.safe_load(RELEASE.read_text())["jobs"]
    assert jobs["publish"]["environment"] == "pypi"
    assert (jobs["publish"]["needs"], jobs["github"]["needs"]) == ("build", "publish")
    for name in ("publish", "github"):  # nothing of the repository runs where a token can write
        assert not any("checkout@" in step.get("uses", "") for step in jobs[name]["steps"])
        assert re.findall(r"^\s*(\w+)", "".join(step.get("run", "") for step in jobs[name]["steps"])) in ([], ["gh"])
    built = [step["name"] for step in jobs["build"]["steps"] if "name" in step]
    assert built.index("Grade one exercise") > built.index("Install the wheel into an empty environment")


@pytest.mark.parametrize("script", scripts(CI))
def test_what_a_job_runs_is_there(script: str) -> None:
    targets = re.findall(r"^([\w-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE)
    for target in re.findall(r"\bmake ([\w-]+)$", script, re.MULTILINE):
        assert target in targets
    for file in re.findall(r"\b(?:python|bash) (\S+)", script):
        assert (PROJECT / file).is_file()


def test_what_takes_long_is_left_to_the_night() -> None:
    jobs = yaml.safe_load(CI.read_text())["jobs"]
    for name in ("unconfined", "versions", "nightly"):
        assert jobs[name]["if"] == "github.event_name != 'pull_request' && github.event_name != 'push'"
    run = "\n".join(step.get("run", "") for step in jobs["nightly"]["steps"])
    assert "grade verify" in run
    assert "make test-slow" in run


def test_an_environment_is_kept_by_whole_versions_and_filled_on_the_default_branch() -> None:
    steps = yaml.safe_load(ACTION.read_text())["runs"]["steps"]
    named = next(step for step in steps if step.get("id") == "environment")
    assert named["env"] == {"PYTHON": "${{ steps.python.outputs.python-version }}"}  # 3.11.9, and not 3.11
    assert "get_platform" in named["run"]
    filling = yaml.safe_load((PROJECT / ".github/workflows/cache.yml").read_text())
    assert filling[True]["push"]["branches"] == ["main"]
    assert filling["jobs"]["install"]["steps"][-1]["with"] == {"only-install": "true"}


# It writes down how it was called; as `python -m venv DIR` it makes one of itself.
FAKE = """#!/bin/sh
echo "$(basename "$0") $*" >>"$CALLS"
if [ "$1 $2" = "-m venv" ]; then mkdir -p "$3/bin" && cp "$0" "$3/bin/python"; fi
"""


@pytest.mark.parametrize("program", ["pip", "uv"])
def test_the_action_installs_torch_first_and_the_rest_by_uv_where_there_is_one(tmp_path: Path, program: str) -> None:
    steps = yaml.safe_load(ACTION.read_text())["runs"]["steps"]
    (script,) = (step["run"] for step in steps if "installing.py" in step.get("run", ""))
    fakes = write_files(tmp_path / "bin", dict.fromkeys(("python", *(["uv"] if program == "uv" else [])), FAKE))
    for path in fakes.iterdir():
        path.chmod(0o755)
    environment = {
        "PATH": f"{fakes}:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "GITHUB_ACTION_PATH": str(PROJECT),
        "CALLS": str(tmp_path / "calls"),
    }
    subprocess.run(["bash", "-eo", "pipefail", "-c", script], env=environment, check=True)
    made = tmp_path / ".grade-environment"
    install = "python -m pip install" if program == "pip" else f"uv pip install --python {made}/bin/python"
    assert (tmp_path / "calls").read_text().splitlines() == [
        f"python -m venv {made}",
        "python -I grader/installing.py --only-torch --exactly",
        f"{install} --quiet --constraint {PROJECT}/constraints.txt --editable .",
    ]


@pytest.mark.torch
def test_the_hook_for_authors_is_one_that_pre_commit_reads_and_that_grade_knows(
    command: Command, tmp_path: Path
) -> None:
    (hook,) = yaml.safe_load((PROJECT / ".pre-commit-hooks.yaml").read_text())
    jsonschema.validate(hook, HOOK)
    assert [re.search(hook["files"], path) is not None for path in ("reference/a/b/solution.py", "docs/a.md")] == [
        True,
        False,
    ]
    program, *arguments = hook["entry"].split()
    assert program == "grade"
    assert "No such option" not in command.run(*arguments, cwd=tmp_path).stderr
