"""Installs PyTorch and the grader, and lets no build of several gigabytes come unasked.

A script for people who do not have the grader yet, so it needs nothing but Python; in a release it is `install.py`:

    python3 install.py

On Linux a plain `pip install torch` brings a build for CUDA. The grader computes on the CPU, so this takes PyTorch's
own index of CPU builds where it can be reached, and else what pip is configured for. A PyTorch that is there already
is used if it is recent enough. Where there is `uv`, it installs, in a fraction of pip's time.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import venv
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

PYTHON_AT_LEAST = (3, 11)
TORCH_AT_LEAST = (2, 13)
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
CPU_SIZE = "about 200 MB to download and 700 MB on the disk"
CUDA_SIZE = "several GB to download, and about twice as much on the disk"
REST_SIZE = "about 150 MB to download and 500 MB on the disk"
REQUIREMENTS, CONSTRAINTS = "requirements.txt", "constraints.txt"
_SECONDS_TO_REACH = 10.0
_COLAB = "COLAB_RELEASE_TAG"  # in the environment of every process of Google Colab, and nowhere else
_KEPT_IN_STEP = ("hypothesis",)  # it draws the inputs on which known mistakes were recorded


class Step(NamedTuple):
    """A sentence for the person who waits, and the arguments of pip, or of uv, that it announces."""

    sentence: str
    arguments: tuple[str, ...]


def torch_step(installed: str | None, pin: str | None, build: str, *, exactly: bool, index_reachable: bool) -> Step:
    """Return what must be done to have PyTorch; no arguments if nothing must.

    `installed` is the version that is there, `pin` the one that constraints name, `build` "cpu" or "cuda". With
    `exactly`, another version than the pinned one does not fit.
    """
    if installed is not None and _fits(installed, pin if exactly else None):
        return Step(f"PyTorch {installed} is here already.", ())
    wanted = f"torch=={pin}" if pin else f"torch>={'.'.join(map(str, TORCH_AT_LEAST))}"
    if build == "cuda":
        return Step(f"Installing PyTorch for CUDA: {CUDA_SIZE}.", (wanted,))
    if index_reachable:
        return Step(f"Installing PyTorch for the CPU: {CPU_SIZE}.", ("--index-url", CPU_INDEX, wanted))
    return Step(f"{CPU_INDEX} cannot be reached, so pip takes PyTorch from where it is configured to.", (wanted,))


def grader_steps(folder: Path, *, pinned: bool) -> Step:
    """Return how the grader is installed from a release; without pins, nothing that is here already is replaced."""
    requirements = folder / REQUIREMENTS
    sentence = f"Installing the grader and the libraries it needs: {REST_SIZE}."
    if pinned:
        return Step(sentence, ("--requirement", str(requirements)))
    wanted = [line for line in requirements.read_text(encoding="utf-8").split("\n") if line and line[:2] != "--"]
    kept = [f"{name}=={pin}" for name in _KEPT_IN_STEP if (pin := pin_of(name, folder / CONSTRAINTS))]
    return Step(sentence, (*wanted, *kept))


def pin_of(name: str, constraints: Path) -> str | None:
    """Return the version of a library that a file of constraints names, None if it names none."""
    if not constraints.is_file():
        return None
    found = re.search(rf"^{re.escape(name)}==(\S+)$", constraints.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else None


def _fits(installed: str, pin: str | None) -> bool:
    if pin is not None:
        return installed.partition("+")[0] == pin
    numbers = tuple(int(part) for part in re.findall(r"\d+", installed)[:2])
    return numbers >= TORCH_AT_LEAST


def _reachable(index: str) -> bool:
    try:
        with urllib.request.urlopen(f"{index}/torch/", timeout=_SECONDS_TO_REACH):
            return True
    except (OSError, ValueError):  # what urllib raises is an OSError
        return False


def _installed_torch(python: str) -> str | None:
    if python == sys.executable:
        try:
            return metadata.version("torch")
        except metadata.PackageNotFoundError:
            return None
    asked = "from importlib import metadata; print(metadata.version('torch'))"
    done = subprocess.run([python, "-I", "-c", asked], capture_output=True, text=True, check=False)
    return done.stdout.strip() or None


def _brings_cuda(python: str, arguments: tuple[str, ...]) -> bool:
    """Ask what would be fetched; tell whether libraries for CUDA are among it. False if there is no answer."""
    if shutil.which("uv"):
        done = subprocess.run(
            [*_installing(python), "--dry-run", *arguments], capture_output=True, text=True, check=False
        )
        return re.search(r"^ \+ nvidia", done.stderr, re.MULTILINE) is not None
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [*_installing(python), "--quiet", "--dry-run", "--report", str(report), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or not report.is_file():
            return False
        names = [item["metadata"]["name"] for item in json.loads(report.read_bytes()).get("install", [])]
    return any(name.lower().startswith("nvidia") for name in names)


def _installing(python: str) -> list[str]:
    """Return the command that installs into a Python's environment; modules of the current folder are none of pip's."""
    if uv := shutil.which("uv"):
        return [uv, "pip", "install", "--python", python]
    return [python, "-P", "-m", "pip", "install"]


def _install(python: str, step: Step, folder: Path) -> None:
    """Do what a step announces; a wheel that lies in the folder is named relative to it."""
    print(step.sentence, flush=True)
    if not step.arguments:
        return
    command = [*_installing(python), "--quiet", *step.arguments]
    compiling = {"UV_COMPILE_BYTECODE": "1"}  # as pip does: who runs the grader may not be allowed to write there
    done = subprocess.run(command, cwd=folder, env=compiling | os.environ, check=False)
    if done.returncode:
        program = "uv" if shutil.which("uv") else "pip"
        remedy = "what it says stands above. Mend that, and run this again."
        sys.exit(f"{program} could not install {step.arguments[-1]}; {remedy}")


def _environment(folder: Path) -> str:
    """Return the Python to install into: this one if it is an environment of its own, else that of a new `.venv`."""
    if sys.prefix != sys.base_prefix or _COLAB in os.environ:  # there, the kernel is what needs the grader
        return sys.executable
    place = folder / ".venv"
    if not place.is_dir():
        print(f"Making a virtual environment: {place}", flush=True)
        try:
            venv.create(place, with_pip=True)
        except (OSError, subprocess.CalledProcessError) as error:
            sys.exit(f"A virtual environment cannot be made ({error}). On Debian or Ubuntu: apt install python3-venv")
    return str(place / "bin" / "python")


def main() -> None:
    """Install what the command line asks for."""
    parser = argparse.ArgumentParser(description="Install PyTorch and the grader.")
    parser.add_argument("--torch", choices=("cpu", "cuda"), default="cpu", help="which build, if one must be installed")
    parser.add_argument("--only-torch", action="store_true", help="install nothing else, into this Python")
    parser.add_argument("--exactly", action="store_true", help=f"the version that {CONSTRAINTS} names, and no other")
    given = parser.parse_args()
    if sys.version_info < PYTHON_AT_LEAST:
        sys.exit(
            f"Python {'.'.join(map(str, PYTHON_AT_LEAST))} or newer is needed, and this is {sys.version.split()[0]}: "
            "run this with a newer one, such as `python3.12 install.py`."
        )
    folder = Path.cwd() if given.only_torch else Path(__file__).resolve().parent
    python = sys.executable if given.only_torch else _environment(folder)
    installed, pin = _installed_torch(python), pin_of("torch", folder / CONSTRAINTS)
    reachable = given.torch == "cpu" and _reachable(CPU_INDEX)
    step = torch_step(installed, pin, given.torch, exactly=given.exactly, index_reachable=reachable)
    if len(step.arguments) == 1 and given.torch == "cpu" and _brings_cuda(python, step.arguments):
        step = step._replace(sentence=f"{step.sentence} That is a build for CUDA: {CUDA_SIZE}. Ctrl-C stops it.")
    _install(python, step, folder)
    if not given.only_torch:
        _install(python, grader_steps(folder, pinned=bool(step.arguments)), folder)
        activate = "" if python == sys.executable else f"  . {Path(python).with_name('activate')}\n"
        print(f"Ready. Next:\n{activate}  grade list")


if __name__ == "__main__":
    main()
