"""`grade doctor` as a whole: its lines, its exit status, and what it finds in set-ups that are broken for real."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

import diffusion_grader
import grader
from grader.cli import main as cli
from grader.diffusion.choice import TINY_SD
from grader.diffusion.resources import GIB
from grader.distribution import NAME
from grader.doctor import examination, installation, system
from grader.doctor.finding import Finding, State
from grader.doctor.formats import terminal
from grader.version import __version__
from helpers.course_factory import make_course
from helpers.packages import install

# --- the whole -----------------------------------------------------------------------------------------------------


def test_a_check_that_breaks_is_a_finding_and_takes_nothing_away() -> None:
    def breaks() -> Any:
        yield Finding("first", State.OK, "fine")
        raise ZeroDivisionError("division by zero")

    first, broken = examination.made("second", breaks)
    assert first.name == "first"
    assert (broken.name, broken.state) == ("second", State.PROBLEM)
    assert broken.found == "this check broke: ZeroDivisionError: division by zero"


def test_a_check_that_lacks_a_library_is_passed_over() -> None:
    [found] = examination.made("points", lambda: importlib.import_module("no_such_module"))
    assert found == Finding("points", State.SKIPPED, "not looked at: no_such_module cannot be imported")


def test_a_finding_is_one_line_and_its_remedy_another_however_long_they_are() -> None:
    remedy = "pip install " + "x" * 300
    text = terminal.drawn(
        [
            Finding("one", State.OK, "fine"),
            Finding("two", State.PROBLEM, "y " * 150 + "[bold]", remedy),
            Finding("three", State.WARNING, "so-so"),
            Finding("four", State.SKIPPED, "not looked at"),
        ]
    )
    drawn = text.splitlines()
    assert [line[:3] for line in drawn] == ["✓ o", "✗ t", "   ", "! t", "· f", "", "1 p"]
    assert drawn[1].endswith("[bold]")
    assert drawn[2].strip() == f"→ {remedy}"
    assert drawn[-1] == "1 problem and 1 warning."
    assert terminal.drawn([Finding("one", State.OK, "")]).endswith("No problems were found.")


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["grade", "doctor", *arguments])
    return cli.run()


@pytest.mark.parametrize(("state", "status"), [(State.PROBLEM, 1), (State.WARNING, 0), (State.SKIPPED, 0)])
def test_only_a_problem_makes_the_exit_status_1(
    state: State, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    finding = Finding("memory", state, "found", "remedy")
    monkeypatch.setattr(examination, "examine", lambda _asked, _begins: [finding])
    assert run(monkeypatch) == status
    assert "memory           found" in capsys.readouterr().out
    assert run(monkeypatch, "--format", "json") == status
    assert json.loads(capsys.readouterr().out) == {
        "schema": "grader.doctor/1",
        "grader": __version__,
        "ok": status == 0,
        "findings": [{"name": "memory", "state": str(state), "found": "found", "remedy": "remedy"}],
    }


def test_a_dtype_without_a_model_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "--dtype", "float16") == 2
    assert "name one with --model." in capsys.readouterr().err


# --- set-ups that are broken for real ------------------------------------------------------------------------------

MINIMUM = ("typer", "rich", "msgspec")  # what the command needs to start


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """Return a virtual environment that has the grader, what its command needs to start, and nothing else."""
    home = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    [packages] = home.glob("lib/python*/site-packages")
    names, pending = set(), [*MINIMUM]
    while pending:
        name = pending.pop()
        if name not in names and installation.version(name):
            names.add(name)
            pending += [need.name for need in installation.needs_of(metadata.distribution(name))]
    for name in names:
        for top in {file.parts[0] for file in metadata.files(name) or () if file.parts[0] not in ("..", "__pycache__")}:
            (packages / top).symlink_to(metadata.distribution(name).locate_file(top))
    for ours in (Path(grader.__file__).parent, Path(diffusion_grader.__file__)):
        (packages / ours.name).symlink_to(ours)
    install(packages, NAME, __version__, tuple(metadata.requires(NAME) or ()))
    return home


def doctor(home: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Run the doctor of a virtual environment in its folder, and return exit status and findings by name."""
    script = "from diffusion_grader import main; main()"
    command = [home / "bin" / "python", "-c", script, "doctor", "--format", "json", *arguments]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, {finding["name"]: finding for finding in json.loads(done.stdout)["findings"]}


def test_it_runs_where_nearly_everything_is_missing(bare: Path) -> None:
    status, found = doctor(bare)
    assert status == 1
    missing = found["libraries"]["found"].removeprefix("missing: ").split(", ")
    assert {"torch", "diffusers", "pyseccomp"} <= set(missing)
    assert not set(missing) & set(MINIMUM)
    states = {name: finding["state"] for name, finding in found.items()}
    assert states["isolation"] == states["notebook extra"] == states["course"] == "warning"
    assert states["tiny model"] == states["worker"] == states["notebook kernel"] == "skipped"


def test_it_runs_where_libraries_break_when_they_are_imported(bare: Path) -> None:
    [packages] = bare.glob("lib/python*/site-packages")
    broken = ("torch", "diffusers", "transformers", "pyseccomp", "ipython", "ipykernel", "jsonschema_rs")
    for name in broken:
        install(
            packages, name, "99", files={f"{name.replace('ipython', 'IPython')}.py": "raise RuntimeError('broken')"}
        )
    make_course(bare)
    status, found = doctor(bare, "--model", str(TINY_SD))
    assert status == 1
    assert found["imports"]["found"].startswith("torch is installed, but cannot be imported: RuntimeError: broken; nor")
    assert "(broken)" in found["isolation"]["found"]
    assert "RuntimeError: broken" in found["worker"]["found"]
    assert (found["worker"]["state"], found["notebook kernel"]["state"]) == ("problem", "warning")
    assert found["points"]["found"] == "this check broke: RuntimeError: broken"


@pytest.mark.thorough
@pytest.mark.confined
def test_a_healthy_set_up_has_no_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(make_course(tmp_path))
    monkeypatch.setattr(system, "free_memory", lambda: 8 * GIB)
    found = examination.examine(None)
    assert {finding.name for finding in found if finding.state is not State.OK} == {"versions"}
    said = {finding.name: finding.found for finding in found}
    assert said["isolation"].startswith("strict")
    assert said["worker"] == "a worker starts, confined"
    assert said["tiny model"] == "it loads, and its U-Net answers"
    assert said["notebook kernel"] == "`python3` starts, and runs this Python"
