"""The job that builds a release, step by step as the workflow writes it, in a clone where nothing was prepared."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from grader.version import __version__
from helpers.course_factory import write_files

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of what is in the repository, in which the job's commands were run."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    paths = [name for name in listed.split("\0") if name and (PROJECT / name).is_file()]
    home = tmp_path_factory.mktemp("runner")
    folder = write_files(home / "clone", {name: (PROJECT / name).read_bytes() for name in paths})
    base = Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    (home / "bin").mkdir()
    for name in ("python", "python3"):
        (home / "bin" / name).symlink_to(base)
    kept = {k: v for k, v in os.environ.items() if k.startswith(("PIP_", "SSL_", "HTTP", "http"))}
    environment = kept | {
        "PATH": f"{home}/bin:/usr/bin:/bin",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TAG": f"v{__version__}",
        "GITHUB_SERVER_URL": "https://host",
        "GITHUB_REPOSITORY": "owner/name",
        "RUNNER_TEMP": str(home),
        "PIP_CONSTRAINT": str(folder / "constraints.txt"),
    }
    for step in yaml.safe_load((PROJECT / ".github/workflows/release.yml").read_text())["jobs"]["build"]["steps"]:
        if "run" in step:
            done = subprocess.run(
                ["bash", "-eo", "pipefail", "-c", step["run"]],
                cwd=folder, env=environment, capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, f"{step['name']}:\n{done.stdout}\n{done.stderr}"
    return folder


def test_it_leaves_a_wheel_a_source_distribution_notes_and_a_list_of_components(clone: Path) -> None:
    assert sorted(path.name for path in (clone / "dist").iterdir()) == [
        f"diffusion_grader-{__version__}-py3-none-any.whl",
        f"diffusion_grader-{__version__}.tar.gz",
    ]
    assert "### For students" in (clone / "about/notes.md").read_text()


def test_the_list_names_the_grader_and_the_pinned_libraries_and_no_tool_of_the_release(clone: Path) -> None:
    listed = json.loads((clone / "about/sbom.cdx.json").read_text())
    assert listed["bomFormat"] == "CycloneDX"
    about = listed["metadata"]["component"]
    assert (about["name"], about["version"]) == ("diffusion-grader", __version__)
    found = {part["name"].lower(): part["version"] for part in listed["components"]}
    lines = (clone / "constraints.txt").read_text().splitlines()
    pins = dict(line.split("==") for line in lines if "==" in line)
    assert found["torch"].partition("+")[0] == pins["torch"]
    assert found["diffusers"] == pins["diffusers"]
    assert not {"twine", "cyclonedx-bom", "pip-licenses"} & set(found)
