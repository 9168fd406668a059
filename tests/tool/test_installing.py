"""What the install script does on every kind of machine, decided without installing anything."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from grader import installing
from grader.installing import CPU_INDEX, Step, grader_steps, pin_of, torch_step

PROJECT = Path(__file__).parents[2]
SCRIPT = Path(installing.__file__)
BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    ("installed", "build", "exactly", "reachable", "arguments"),
    [
        (None, "cpu", False, True, ("--index-url", CPU_INDEX, "torch==2.13.0")),
        (None, "cpu", False, False, ("torch==2.13.0",)),
        (None, "cuda", False, True, ("torch==2.13.0",)),
        ("2.13.0+cpu", "cpu", True, True, ()),
        ("2.13.0", "cuda", True, True, ()),
        ("2.14.1+cu126", "cpu", False, True, ()),
        ("2.14.1+cu126", "cpu", True, True, ("--index-url", CPU_INDEX, "torch==2.13.0")),
        ("2.12.1", "cpu", False, True, ("--index-url", CPU_INDEX, "torch==2.13.0")),
        ("2.100.0a0+git", "cpu", False, True, ()),
    ],
    ids=[
        "none, index", "none, no index", "none, for a GPU", "the pinned one", "the pinned one, for a GPU",
        "another recent one", "another where only the pinned one will do", "too old", "a build from source",
    ],
)  # fmt: skip
def test_torch_is_installed_only_where_none_fits_and_for_the_cpu_unless_asked(
    installed: str | None, build: str, exactly: bool, reachable: bool, arguments: tuple[str, ...]
) -> None:
    step = torch_step(installed, "2.13.0", build, exactly=exactly, index_reachable=reachable)
    assert step.arguments == arguments


@pytest.mark.parametrize(
    ("build", "reachable", "said"),
    [("cpu", True, "about 200 MB"), ("cuda", True, "several GB"), ("cpu", False, "cannot be reached")],
)
def test_it_says_how_much_will_come_before_it_comes(build: str, reachable: bool, said: str) -> None:
    assert said in torch_step(None, None, build, exactly=False, index_reachable=reachable).sentence


def test_without_a_pin_any_recent_torch_will_do() -> None:
    assert torch_step(None, None, "cuda", exactly=False, index_reachable=True).arguments == ("torch>=2.13",)


def test_its_bounds_are_those_of_the_package() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    assert f"torch>={'.'.join(map(str, installing.TORCH_AT_LEAST))}" in project["dependencies"]
    assert project["requires-python"] == f">={'.'.join(map(str, installing.PYTHON_AT_LEAST))}"


def test_in_an_environment_of_its_own_it_takes_the_pins(tmp_path: Path) -> None:
    assert grader_steps(tmp_path, pinned=True).arguments == ("--requirement", str(tmp_path / "requirements.txt"))


def test_where_torch_is_there_already_it_replaces_nothing_but_what_draws_the_inputs(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("--constraint constraints.txt\n./grader.whl[notebook]\n")
    (tmp_path / "constraints.txt").write_text("hypothesis==6.1.2\nnumpy==2.0\n")
    assert grader_steps(tmp_path, pinned=False).arguments == ("./grader.whl[notebook]", "hypothesis==6.1.2")


def test_pins_are_read_by_their_whole_name(tmp_path: Path) -> None:
    (tmp_path / "constraints.txt").write_text("torch-extra==1\ntorch==2.13.0\n")
    assert pin_of("torch", tmp_path / "constraints.txt") == "2.13.0"
    assert pin_of("numpy", tmp_path / "constraints.txt") is None
    assert pin_of("torch", tmp_path / "missing.txt") is None


def test_in_colab_it_installs_into_the_kernels_own_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []
    monkeypatch.setattr(installing.sys, "prefix", sys.base_prefix)
    monkeypatch.setattr(installing.venv, "create", lambda place, **_: made.append(place))
    monkeypatch.delenv("COLAB_RELEASE_TAG", raising=False)
    assert installing._environment(tmp_path) == str(tmp_path / ".venv/bin/python")
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-colab")
    assert installing._environment(tmp_path) == sys.executable
    assert made == [tmp_path / ".venv"]


def test_an_index_that_nobody_serves_is_not_reachable() -> None:
    assert not installing._reachable("http://127.0.0.1:9")  # the port of the discard service, which nothing listens on


UV_WOULD = " + filelock==3.2\n + nvidia-cublas==13\n + torch==2.13.0\n"
PIP_WOULD = '{"install": [{"metadata": {"name": "torch"}}, {"metadata": {"name": "nvidia-cublas"}}]}'


@pytest.mark.parametrize("program", ["pip", "uv"])
def test_a_build_for_cuda_is_told_by_what_would_be_fetched(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    def asked(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        assert "--dry-run" in command
        if "--report" in command:
            Path(command[command.index("--report") + 1]).write_text(PIP_WOULD)
        return subprocess.CompletedProcess(command, 0, "", UV_WOULD if command[0] == "/bin/uv" else "")

    monkeypatch.setattr(installing.shutil, "which", lambda name: f"/bin/{name}" if program == "uv" else None)
    monkeypatch.setattr(installing.subprocess, "run", asked)
    assert installing._brings_cuda("python3", ("torch==2.13.0",))


def tiny_wheel(folder: Path) -> str:
    """Write a wheel of one module, and return its name."""
    name = "tiny-1-py3-none-any.whl"
    with zipfile.ZipFile(folder / name, "w") as wheel:
        wheel.writestr("tiny.py", "SAID = 'tiny'\n")
        wheel.writestr("tiny-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1\n")
        wheel.writestr("tiny-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("tiny-1.dist-info/RECORD", "tiny.py,,\n")
    return name


@pytest.mark.parametrize("program", ["pip", "uv"])
def test_a_wheel_beside_the_script_is_installed_wherever_it_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    release, elsewhere = tmp_path / "release", tmp_path / "elsewhere"
    for folder in (release, elsewhere):
        folder.mkdir()
    (elsewhere / "pip.py").write_text("raise SystemExit('a stranger')\n")
    (release / "constraints.txt").write_text("")
    (release / "requirements.txt").write_text(f"--constraint constraints.txt\n./{tiny_wheel(release)}\n")
    uv = BIN / "uv"
    assert uv.is_file()
    monkeypatch.setattr(installing.shutil, "which", lambda _: str(uv) if program == "uv" else None)
    monkeypatch.chdir(elsewhere)
    step = grader_steps(release, pinned=True)
    where = ("--no-index", "--target", str(tmp_path / "installed"))
    installing._install(sys.executable, step._replace(arguments=(*where, *step.arguments)), release)
    assert (tmp_path / "installed/tiny.py").is_file()
    assert list((tmp_path / "installed/__pycache__").iterdir())  # who runs the grader may not be allowed to write it


def test_the_script_needs_nothing_but_python(tmp_path: Path) -> None:
    script = tmp_path / "install.py"
    script.write_bytes(SCRIPT.read_bytes())
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(script), "--help"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "--torch {cpu,cuda}" in done.stdout


def test_what_pip_cannot_do_ends_in_a_sentence(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(installing.shutil, "which", lambda _: None)
    monkeypatch.setattr(installing.subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 1))
    with pytest.raises(SystemExit, match=r"pip could not install torch==0\.0\.0; "):
        installing._install("python3", Step("Installing.", ("torch==0.0.0",)), tmp_path)
    assert capfd.readouterr().out == "Installing.\n"
