"""Checks that try something heavy, each in a process of its own: libraries, the tiny model, a worker, a kernel."""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING

from grader.diffusion.choice import TINY_SD
from grader.distribution import requirement
from grader.doctor.finding import Finding, State, listed, pip
from grader.doctor.installation import NOTEBOOK, our_needs, version
from grader.doctor.subprocesses import Answer, Step, take
from grader.sandbox.outside.server import Isolation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

IMPORT_SECONDS = 300.0  # of all libraries, from a slow disk perhaps, and of the tiny model
WORKER_SECONDS = 180.0
KERNEL_SECONDS = 180.0
_MODULES = {
    "pillow": "PIL",
    "markdown-it-py": "markdown_it",
    "pyyaml": "yaml",
    "pyzmq": "zmq",
}  # of libraries that are imported by another name
_LOOKED_AT_ELSEWHERE = ("pyseccomp",)  # in the line on isolation, as it needs a library of the system
OTHER_TORCH = "install a build of PyTorch that fits this machine: https://pytorch.org/get-started/locally/"
_FOR_WORKERS = ("torch", "msgspec")
FOR_MODELS = ("torch", "diffusers", "transformers", "safetensors")
_NOT_REACHED = Answer(worked=False, said="")  # because a step before it ended the process


def module_of(library: str) -> str:
    """Return the name under which a library is imported."""
    return _MODULES.get(library, library.replace("-", "_"))


def libraries_and_tiny_model() -> Iterator[Finding]:
    """Import every library that is installed, then load the tiny model: in one process, as imports take longest."""
    names = [need.name for need in our_needs() if version(need.name) and need.name not in _LOOKED_AT_ELSEWHERE]
    names.sort(key=lambda name: name != "torch")  # first, as others import it and would be blamed for its faults
    missing = missing_of(FOR_MODELS)
    steps = [Step("torch", "torch_build")] if "torch" in names else []
    steps += [Step(name, "import_module", {"module": module_of(name)}) for name in names if name != "torch"]
    steps += [] if missing else [Step("tiny", "tiny_model")]
    answers = take(steps, IMPORT_SECONDS)
    yield _imports({name: answers.get(name, _NOT_REACHED) for name in names})
    yield _torch(answers.get("torch"))
    yield _tiny(missing, answers.get("tiny", _NOT_REACHED))


def _imports(answers: Mapping[str, Answer]) -> Finding:
    broken = [(name, answer.said) for name, answer in answers.items() if answer.said and not answer.worked]
    if not broken:
        return Finding("imports", State.OK, f"all {len(answers)} libraries that are installed can be imported")
    first, said = broken[0]
    others = f"; nor can {listed([name for name, _ in broken[1:]])}" if broken[1:] else ""
    found = f"{first} is installed, but cannot be imported: {said}{others}"
    # Without its dependencies: pip would install those anew as well, gigabytes of PyTorch among them.
    remedy = pip(f"install --force-reinstall --no-deps {first}=={version(first)}")
    return Finding("imports", State.PROBLEM, found, OTHER_TORCH if first == "torch" else remedy)


def _torch(answer: Answer | None) -> Finding:
    if answer is None or not answer.worked:
        return Finding("torch", State.SKIPPED, "not looked at: it is missing or cannot be imported")
    return Finding("torch", State.OK, answer.said)


def _tiny(missing: list[str], answer: Answer) -> Finding:
    name = "tiny model"
    if missing:
        return Finding(name, State.SKIPPED, f"not tried: it needs {listed(missing)}")
    if answer.worked:
        return Finding(name, State.OK, answer.said)
    if not answer.said:
        return Finding(name, State.SKIPPED, "not tried: a library that cannot be imported ended the process")
    return Finding(name, State.PROBLEM, f"it cannot be used: {answer.said}", _tiny_again())


def _tiny_again() -> str:
    clone = TINY_SD.parents[2]
    if (clone / ".git").exists():
        return f"git -C {shlex.quote(str(clone))} checkout -- {TINY_SD.relative_to(clone)}"
    return pip(f"install --force-reinstall --no-deps {requirement()}")


def worker() -> Finding:
    """Start a worker, as all grading does."""
    if missing := missing_of(_FOR_WORKERS):
        return Finding("worker", State.SKIPPED, f"not tried: it needs {listed(missing)}")
    answer = take([Step("worker", "worker")], WORKER_SECONDS)["worker"]
    if answer.worked:
        how = "confined" if answer.said == Isolation.STRICT else "without confinement"
        return Finding("worker", State.OK, f"a worker starts, {how}")
    if "No module named" in answer.said:
        remedy = (
            "workers see only Python's own folders, not PYTHONPATH or packages from `pip install --user`: make "
            f"a virtual environment (`python3 -m venv .venv`), and in it `python -m pip install {requirement()}`"
        )
    else:
        remedy = "until then, `--isolation off` grades code that you trust, without confinement"
    return Finding("worker", State.PROBLEM, f"no worker starts: {answer.said}", remedy)


def kernel() -> Finding:
    """Start the Jupyter kernel that notebooks get if nothing is chosen; it must run the Python that we are in."""
    name = "notebook kernel"
    if missing := missing_of([need.name for need in our_needs(NOTEBOOK)]):
        return Finding(name, State.SKIPPED, f"not tried: it needs {listed(missing)}")
    answer = take([Step("kernel", "kernel")], KERNEL_SECONDS)["kernel"]
    ours = f"{shlex.quote(sys.executable)} -m ipykernel install --user --name grade"
    if not answer.worked:
        found = f"it does not start: {answer.said}"
        return Finding(name, State.WARNING, found, pip("install --force-reinstall ipykernel jupyter_client"))
    if os.path.realpath(answer.said) != os.path.realpath(sys.prefix):
        found = f"the kernel `python3` runs the Python in {answer.said}, and this grader is in {sys.prefix}"
        return Finding(name, State.WARNING, found, f"`{ours}`, then choose the kernel `grade` in Jupyter")
    return Finding(name, State.OK, "`python3` starts, and runs this Python")


def missing_of(libraries: Iterable[str]) -> list[str]:
    """Return the libraries that are not installed."""
    return [name for name in libraries if not version(name)]
