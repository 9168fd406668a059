"""What the Containerfile describes, built and run in folders of this machine as a user without rights."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from helpers import other_user
from helpers.containerfile import Image
from helpers.course_factory import write_files

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.slow, pytest.mark.confined]

PROJECT = Path(__file__).parents[2]
PLACE = "img2img_and_inpainting/combine_masked"


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    if why := other_user.why_not():
        pytest.skip(why)
    context = tmp_path_factory.mktemp("context")
    build = [sys.executable, "-m", "build", "--wheel", "--installer", "uv", "--outdir", context / "dist", PROJECT]
    subprocess.run(build, check=True, capture_output=True)
    write_files(context, {name: (PROJECT / name).read_bytes() for name in ("constraints.txt", "grader/installing.py")})
    for name in ("exercises", "reference", "rubrics"):
        shutil.copytree(PROJECT / name, context / name, ignore=shutil.ignore_patterns("__pycache__", ".grade"))
    with tempfile.TemporaryDirectory() as home:  # the folders of pytest are closed to other users
        Path(home).chmod(0o755)
        yield Image(PROJECT / "Containerfile", context, Path(home))


@pytest.fixture
def handins(tmp_path: Path) -> Path:
    for student, file in (("ada", "solution.py"), ("bo", "wrong/inverted_mask.py")):
        answer = (PROJECT / "reference" / PLACE / file).read_bytes()
        write_files(tmp_path / "handins", {f"{student}/combine_masked.py": answer})
    return tmp_path / "handins"


def test_it_installs_what_seccomp_needs_and_finds_no_problem(image: Image) -> None:
    assert "apt-get install --yes --no-install-recommends libseccomp2" in image.calls
    done = image.run("doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "isolation        strict" in done.stdout


def test_it_grades_a_class_strictly_as_a_user_of_its_own(image: Image, handins: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    subprocess.run(["chown", "10001:10001", out], check=True)
    done = image.run(
        "batch", "/handins", "combine_masked", "--from", "folders", "--gradebook", "/out/class.sqlite",
        mounted={handins: "/handins", out: "/out"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert (out / "class.sqlite").stat().st_uid == 10001
    marks = image.run("export", "--gradebook", "/out/class.sqlite", "--format", "csv", mounted={out: "/out"}).stdout
    points = {row["student"]: float(row["total"]) for row in csv.DictReader(marks.splitlines())}
    assert points["ada"] == points["points possible"] > points["bo"]


def test_nobody_but_root_can_change_the_course_in_it(image: Image) -> None:
    image.entrypoint, kept = ["sh", "-c"], image.entrypoint
    try:
        done = image.run("id -u; touch /course/rubrics/mine /opt/grade/mine")
    finally:
        image.entrypoint = kept
    assert done.stdout == "10001\n"
    assert done.stderr.count("Permission denied") == 2
