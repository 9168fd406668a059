"""The action and the ready workflow: valid by GitHub's schemas, their shell by shellcheck, safe for forks."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).parents[2]
ACTION = PROJECT / "action.yml"
WORKFLOW = PROJECT / ".github" / "workflows" / "grade.yml"
BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    ("path", "schema"),
    [(ACTION, "vendor.github-actions"), (WORKFLOW, "vendor.github-workflows")],
    ids=["action", "workflow"],
)
def test_it_is_valid_by_the_published_schema(path: Path, schema: str) -> None:
    done = subprocess.run(
        [BIN / "check-jsonschema", "--builtin-schema", schema, path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def scripts() -> list[str]:
    return [step["run"] for step in yaml.safe_load(ACTION.read_text())["runs"]["steps"] if "run" in step]


@pytest.mark.parametrize("script", scripts())
def test_its_shell_passes_shellcheck(script: str) -> None:
    done = subprocess.run(
        [BIN / "shellcheck", "--shell=bash", "-"], input=script, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("script", scripts())
def test_no_value_from_outside_is_pasted_into_its_shell(script: str) -> None:
    assert "${{" not in script


@pytest.mark.parametrize("path", [ACTION, WORKFLOW], ids=["action", "workflow"])
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
