"""The autograder for Gradescope from nothing: `setup.sh` in an empty folder, a submission, and `setup.sh` again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.authoring.platforms.releasing import release_to
from grader.authoring.platforms.wanted import Wanted
from grader.course.finding import find_course
from helpers import other_user
from helpers.course_factory import write_files

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[2]
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """Return a container's folder as Gradescope fills it, with a right answer handed in."""
    if why := other_user.why_not():
        pytest.skip(why)
    python = shutil.which("python3.11", path=PATH)
    if (
        python is None
        or subprocess.run([python, "-c", "import ensurepip"], check=False, capture_output=True).returncode
    ):
        pytest.skip("without a python3.11 of the system's, setup.sh would install one")
    build = [sys.executable, "-m", "build", "--wheel", "--installer", "uv", "--outdir", tmp_path, PROJECT]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    release_to("gradescope", find_course(PROJECT), tmp_path / "made.zip", Wanted(("reverse_step",)), wheel=wheel)
    with tempfile.TemporaryDirectory() as folder:  # those of pytest are closed to other users
        Path(folder).chmod(0o755)
        made = Path(folder) / "autograder"
        with zipfile.ZipFile(tmp_path / "made.zip") as archive:
            archive.extractall(made / "source")
        settings = json.loads((made / "source/autograder.json").read_text()) | {"user": "nobody"}
        write_files(made / "source", {"autograder.json": json.dumps(settings, indent=2)})
        answer = (PROJECT / "reference/sampling_and_generation/reverse_step/solution.py").read_bytes()
        write_files(made / "submission", {"reverse_step.py": answer})
        yield made


def run(root: Path, program: str) -> str:
    """Run a program of the archive with an environment that knows nothing of this project."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "HTTP", "http"))}
    environment = kept | {"PATH": PATH, "HOME": str(root), "LANG": "C.UTF-8", "GRADESCOPE_ROOT": str(root)}
    command = ["bash", root / "source" / program]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.confined
def test_it_installs_itself_once_and_grades(root: Path) -> None:
    assert "Installing the grader and the libraries it needs" in run(root, "setup.sh")
    assert run(root, "setup.sh") == "Everything is installed already.\n"
    assert "as the user nobody." in run(root, "run_autograder")
    assert json.loads((root / "results/results.json").read_text())["score"] == 10
