"""The way of a stranger: a wheel, an empty environment, an empty folder, a first exercise that passes; then a release."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.authoring.leaks import leaks
from grader.course.finding import find_course
from helpers.course_factory import write_files

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).parents[2]
COURSE = find_course(PROJECT)
EXERCISES = len(COURSE.in_code)
SOLUTION = "reference/img2img_and_inpainting/combine_masked/solution.py"
BUILD = (sys.executable, "-m", "build", "--installer", "uv")
STUB = "exercises/img2img_and_inpainting/combine_masked.py"
OUTSIDE = Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"  # of any environment


# Where pip is told to look, uv looks too.
OF_UV = {"PIP_FIND_LINKS": "UV_FIND_LINKS", "PIP_INDEX_URL": "UV_DEFAULT_INDEX", "PIP_EXTRA_INDEX_URL": "UV_INDEX"}


@pytest.fixture(scope="module", autouse=True)
def _installing_by_uv(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Have uv install, from one cache for all environments: pip takes minutes for each of them."""
    programs = tmp_path_factory.mktemp("programs")
    (programs / "uv").symlink_to(Path(sys.executable).with_name("uv"))
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv("PATH_OF_STRANGERS", f"{programs}:/usr/bin:/bin")
        changed.setenv("UV_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        changed.setenv("UV_COMPILE_BYTECODE", "0")
        settings = _settings_of_pip()
        for of_pip, of_uv in OF_UV.items():
            if of_pip in settings:
                changed.setenv(of_uv, settings[of_pip])
        yield


def _settings_of_pip() -> dict[str, str]:
    """Return where pip looks, by its environment or, for folders of wheels, by its file."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    found = [line.partition("=")[2].strip("'") for line in listed.stdout.splitlines() if ".find-links=" in line]
    return ({"PIP_FIND_LINKS": found[-1]} if found else {}) | dict(os.environ)


def run(*command: str | Path, cwd: Path, status: int = 0) -> str:
    """Run a command with an environment that knows nothing of this project, and return what it says."""
    kept = {k: value for k, value in os.environ.items() if k.startswith(("PIP_", "UV_", "SSL_", "HTTP", "http"))}
    path = os.environ["PATH_OF_STRANGERS"]
    environment = kept | {"PATH": path, "HOME": str(cwd), "LANG": "C.UTF-8", "GRADE_DAEMON": "off"}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == status, f"{command}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of what is in the repository, without anything that was built or installed here."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    paths = [name for name in listed.split("\0") if name and (PROJECT / name).is_file()]
    return write_files(tmp_path_factory.mktemp("clone"), {name: (PROJECT / name).read_bytes() for name in paths})


@pytest.fixture(scope="module")
def built(clone: Path) -> Path:
    """Build a source distribution, and a wheel of that, in environments that have no torch; return their folder."""
    subprocess.run([*BUILD, "--outdir", "dist", "."], cwd=clone, check=True, capture_output=True)
    return clone / "dist"


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (found,) = built.glob("diffusion_grader-*.whl")
    return found


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def source(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the unpacked source distribution."""
    folder = tmp_path_factory.mktemp("source")
    (packed,) = built.glob("*.tar.gz")
    with tarfile.open(packed) as archive:
        archive.extractall(folder, filter="data")
    (found,) = folder.iterdir()
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the programs of an environment that was empty before the wheel was installed into it."""
    home = tmp_path_factory.mktemp("home")
    run(sys.executable, "-m", "venv", "environment", cwd=home)
    python = home / "environment/bin/python"
    run(python, "-I", PROJECT / "grader/installing.py", "--only-torch", "--exactly", cwd=PROJECT)
    install = ["uv", "pip", "install", "--quiet", "--python", python]
    run(*install, "--constraint", PROJECT / "constraints.txt", wheel, cwd=home)
    return home / "environment/bin"


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


# --- what is in them --------------------------------------------------------------------------------------------


def test_neither_holds_an_answer(unpacked: Path, source: Path) -> None:
    for folder in (unpacked, source):
        parts = {part for name in names(folder) for part in name.split("/")}
        assert not parts & {"reference", "solution.py", "test_hidden.py", "wrong", "accepted", "tests"}
        assert leaks(COURSE, folder / "grader/edition") == []


def test_what_makes_the_things_that_ship_does_not_ship(unpacked: Path, source: Path) -> None:
    assert {name.partition("/")[0] for name in names(unpacked) if name.endswith(".py")} == {
        "diffusion_grader.py",
        "grader",
    }
    assert not [name for name in names(source) if name.startswith("tools/")]


def test_the_search_for_answers_would_find_one_in_a_wheel(unpacked: Path, tmp_path: Path) -> None:
    copy = tmp_path / "edition"
    shutil.copytree(unpacked / "grader/edition", copy)
    shutil.copy(PROJECT / "reference/sampling_and_generation/ddpm_sample/solution.py", copy / "exercises/leaked.py")
    assert leaks(COURSE, copy)


def test_both_hold_the_tool_the_tiny_model_and_every_exercise(unpacked: Path, source: Path) -> None:
    for folder in (unpacked, source):
        assert {
            "grader/cli/main.py",
            "grader/diffusion/tiny_sd/unet/diffusion_pytorch_model.safetensors",
            "grader/classroom/marking/static/marking.js",
            "grader/classroom/marking/templates/list.html.jinja",
            "grader/report/templates/verdict.html.jinja",
        } <= names(folder)
        assert len(find_course(folder / "grader/edition").in_code) == EXERCISES
        recorded = {name for name in names(folder) if name.startswith("grader/edition/mistakes/")}
        assert recorded == {
            f"grader/edition/mistakes/{lesson.name}/{name}.json"
            for lesson in COURSE.lessons
            for name in (*(exercise.name for exercise in lesson.in_code), "questions")
        }


def test_a_source_distribution_holds_what_a_wheel_is_built_of_and_nothing_else(source: Path, unpacked: Path) -> None:
    made_by_the_build = {"PKG-INFO", "setup.cfg", "diffusion_grader.egg-info"}
    needed = {"LICENSE", "README.md", "diffusion_grader.py", "grader", "pyproject.toml", "setup.py"}
    assert {path.name for path in source.iterdir()} == needed | made_by_the_build
    assert names(source / "grader") == names(unpacked / "grader")


def test_a_wheel_made_in_a_clone_is_the_one_made_of_the_source_distribution(clone: Path, unpacked: Path) -> None:
    subprocess.run([*BUILD, "--wheel", "--outdir", "again", "."], cwd=clone, check=True, capture_output=True)
    (again,) = (clone / "again").glob("*.whl")
    with zipfile.ZipFile(again) as archive:
        content = {name: archive.read(name) for name in archive.namelist() if not name.endswith(("/", "RECORD"))}
    assert content == {name: (unpacked / name).read_bytes() for name in names(unpacked) if not name.endswith("RECORD")}


# --- a student --------------------------------------------------------------------------------------------------


def test_from_an_empty_folder_to_a_first_exercise_that_passes(installed: Path, wheel: Path, tmp_path: Path) -> None:
    said = run(installed / "grade", "init", "my-course", cwd=tmp_path)
    assert said == f"my-course has {EXERCISES} exercises. Next:\n\n  cd my-course\n  grade list\n"
    copy = tmp_path / "my-course"
    assert f"pip install '{wheel}[notebook]'" in (copy / "README.md").read_text()
    assert "not written yet" in run(installed / "grade", "list", cwd=copy)
    assert "not written yet" in run(installed / "grade", "combine_masked", cwd=copy, status=1)
    shutil.copy(PROJECT / SOLUTION, copy / STUB)
    assert "✓ combine_masked" in run(installed / "grade", "combine_masked", cwd=copy)


def test_a_known_mistake_is_named_in_a_copy(installed: Path, tmp_path: Path) -> None:
    run(installed / "grade", "init", "copy", cwd=tmp_path)
    shutil.copy(PROJECT / SOLUTION.replace("solution.py", "wrong/inverted_mask.py"), tmp_path / "copy" / STUB)
    said = run(installed / "grade", "combine_masked", cwd=tmp_path / "copy", status=1)
    assert "The mask is inverted: 1 keeps and 0 repaints." in said


def test_an_exercise_on_the_model_is_graded_in_a_copy(installed: Path, tmp_path: Path) -> None:
    run(installed / "grade", "init", "copy", cwd=tmp_path)
    place = "img2img_and_inpainting/sketch_to_picture"
    shutil.copy(PROJECT / "reference" / place / "solution.py", tmp_path / "copy/exercises" / f"{place}.py")
    assert "✓ sketch_to_picture" in run(installed / "grade", "sketch_to_picture", cwd=tmp_path / "copy")


def test_a_folder_that_is_not_empty_is_refused(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    run(installed / "grade", "init", ".", cwd=tmp_path, status=2)
    assert names(tmp_path) == {"mine.txt"}


def test_installing_the_wheel_again_leaves_a_copy_alone_until_it_is_updated(
    installed: Path, wheel: Path, tmp_path: Path
) -> None:
    run(installed / "grade", "init", "copy", cwd=tmp_path)
    copy = tmp_path / "copy"
    shutil.copy(PROJECT / SOLUTION, copy / STUB)
    (copy / "exercises/img2img_and_inpainting/README.md").unlink()
    before = {name: (copy / name).read_bytes() for name in names(copy)}
    python = installed / "python"
    run(python, "-m", "pip", "uninstall", "--quiet", "--yes", "diffusion-grader", cwd=tmp_path)
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", wheel, cwd=tmp_path)
    assert {name: (copy / name).read_bytes() for name in names(copy)} == before
    said = run(installed / "grade", "init", "--update", "copy", cwd=tmp_path)
    assert said == "copy: 1 file updated, none removed.\n"
    assert (copy / STUB).read_bytes() == before[STUB]
    assert (copy / "exercises/img2img_and_inpainting/README.md").is_file()


# --- a release --------------------------------------------------------------------------------------------------


def test_a_release_with_a_wheel_installs_itself(clone: Path, wheel: Path, tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("grade")
    said = run(program, "release", tmp_path / "release", "--wheel", wheel, cwd=clone)
    assert "no answer was found in them" in said
    release = tmp_path / "release"
    said = run(OUTSIDE, "install.py", cwd=release)
    assert "PyTorch" in said
    assert said.endswith("grade list\n")
    shutil.copy(PROJECT / SOLUTION, release / STUB)
    assert "✓ combine_masked" in run(release / ".venv/bin/grade", "combine_masked", cwd=release)
    run(release / ".venv/bin/python", "-c", "import IPython, ipykernel", cwd=release)
    again = run(OUTSIDE, "install.py", cwd=release)
    assert "is here already." in again
