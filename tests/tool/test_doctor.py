"""`grade doctor`: what it finds in set-ups that are broken in one way each, and what helps."""

from __future__ import annotations

import copy
import ctypes
import errno
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from collections import namedtuple
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import diffusion_grader
import grader
from grader.cli import main as cli
from grader.course.finding import find_course
from grader.diffusion.choice import TINY, TINY_SD, Choice, chosen
from grader.diffusion.resources import GIB
from grader.distribution import NAME, requirement
from grader.doctor import (
    examination,
    found_course,
    installation,
    probe,
    real_model,
    subprocesses,
    system,
    trials,
)
from grader.doctor.finding import Finding, State
from grader.doctor.formats import terminal
from grader.doctor.real_model import Asked
from grader.doctor.subprocesses import Answer, Step, take
from grader.errors import UsageError
from grader.version import __version__
from helpers.course_factory import make_course, write_files
from helpers.packages import install

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.course.model import Course

PIP = f"{sys.executable} -m pip"
PROJECT = Path(__file__).parents[2]


# --- what pip has installed ----------------------------------------------------------------------------------------


def test_this_installation_is_healthy() -> None:
    found = [
        installation.python(),
        installation.libraries(),
        installation.import_folder(),
        installation.notebook_extra(),
    ]
    assert [finding.state for finding in found] == [State.OK] * 4


def test_every_library_is_known_by_the_name_it_is_imported_by() -> None:
    needed = installation.our_needs()
    assert len(needed) > 15
    assert [need.name for need in needed if importlib.util.find_spec(trials.module_of(need.name)) is None] == []


def test_another_python_is_needed(packages: Path) -> None:
    install(packages, NAME, python=">=4")
    found = installation.python()
    assert found.state is State.PROBLEM
    assert ", where >=4 is needed" in found.found
    assert "make a virtual environment with another Python" in found.remedy


def test_missing_and_old_libraries_are_named_with_the_pip_line(packages: Path, tmp_path: Path) -> None:
    install(packages, NAME, needs=("fits>=1", "old>=1.10,<3", "absent>=2", 'mac-only; sys_platform == "none"'))
    install(packages, "fits", "1.0")
    install(packages, "old", "1.9")
    found = installation.libraries()
    assert found.state is State.PROBLEM
    assert found.found == "missing: absent; in a version that does not fit: old 1.9 (>=1.10,<3 is needed)"
    assert found.remedy == f"{PIP} install 'old>=1.10,<3' 'absent>=2'"
    pinned = tmp_path / "constraints.txt"
    assert f"install --constraint {pinned} 'old" in installation.libraries(pinned).remedy


def test_where_many_are_missing_the_grader_is_installed_again(packages: Path) -> None:
    install(packages, NAME, needs=("one>=1", "two>=2", "three", "four"))
    found = installation.libraries()
    assert found.found == "missing: one, two, three, four"
    assert found.remedy == f"{PIP} install {requirement()}"


def test_missing_libraries_are_found_without_the_one_that_compares_versions(
    packages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation, "_PACKAGING", False)
    install(packages, NAME, needs=("old>=2", "absent>=2", 'for-notebooks>=1; extra == "notebook"'))
    install(packages, "old", "1.0")
    assert installation.libraries().found == "missing: absent"
    assert installation.notebook_extra().found.startswith("missing: for-notebooks;")


def test_a_grader_that_pip_did_not_install_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "NAME", "no-such-distribution")
    found = installation.libraries()
    assert found.state is State.PROBLEM
    assert found.remedy == f"{PIP} install {requirement()}"


def test_a_library_that_was_removed_by_half_is_missing(packages: Path) -> None:
    install(packages, NAME, needs=("half",))
    (packages / "half-1.0.dist-info").mkdir()
    assert installation.libraries().found == "missing: half"


def test_a_missing_notebook_extra_is_a_warning(packages: Path) -> None:
    install(packages, NAME, needs=("absent", 'absent-too>=1; extra == "notebook"'))
    found = installation.notebook_extra()
    assert found.state is State.WARNING
    assert found.found.startswith("missing: absent-too; only notebooks need this")
    assert found.remedy == f"{PIP} install {requirement('notebook')}"


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("grader", {"tool.py": ""}),
        ("homework", {"grader/__init__.py": ""}),
        ("homework", {"homework-1.2.dist-info/top_level.txt": "homework\ngrader\n"}),
    ],
    ids=["name", "files", "top level"],
)
def test_another_distribution_with_files_in_our_folder_is_a_problem(
    packages: Path, name: str, files: dict[str, str]
) -> None:
    install(packages, name, "1.2", files=files)
    found = installation.import_folder()
    assert found.state is State.PROBLEM
    assert found.found.startswith(f"{name} 1.2 is installed too: it has nothing to do with this grader")
    again = f"{PIP} install --force-reinstall --no-deps {requirement()}"
    assert found.remedy == f"{PIP} uninstall --yes {name} && {again}"


def test_a_distribution_with_a_similar_name_is_none_of_our_business(packages: Path) -> None:
    install(packages, "grader-tools", files={"grader_tools/__init__.py": ""})
    assert installation.import_folder().state is State.OK


def test_files_of_ours_that_were_changed_are_named(packages: Path) -> None:
    install(packages, NAME, files={"grader/__init__.py": "ours", "grader/cli/main.py": "ours"})
    assert installation.import_folder().state is State.OK
    (packages / "grader/__init__.py").write_text("theirs")
    found = installation.import_folder()
    assert found.state is State.PROBLEM
    assert found.found == "these files were changed after they were installed: grader/__init__.py"
    install(packages, "grader", "1.2")
    assert installation.import_folder().found.endswith("; it has overwritten grader/__init__.py of this grader")


def test_versions_that_differ_from_the_pinned_ones_are_listed(packages: Path, tmp_path: Path) -> None:
    install(packages, NAME, needs=("direct>=1", "exact"))
    install(packages, "direct", "1.5", needs=("indirect",))
    install(packages, "indirect", "2.0")
    install(packages, "exact", "2.13.0+cpu")
    pins = tmp_path / "constraints.txt"
    pins.write_text("# pinned\nDirect==1.4\nindirect==2.1  # why\nexact==2.13.0\nunused==1\npip==1\n")
    found = installation.pinned_versions(pins)
    assert found.state is State.WARNING
    assert found.found.startswith("2 of 3 differ from constraints.txt")
    assert found.found.endswith("direct 1.5 (1.4), indirect 2.0 (2.1)")
    assert found.remedy.startswith(f"{PIP} install --constraint {pins} ")
    pins.write_text("direct==1.5\n")
    assert installation.pinned_versions(pins).state is State.OK
    assert installation.pinned_versions(None).state is State.SKIPPED


# --- what the system offers ----------------------------------------------------------------------------------------


@pytest.fixture
def linux(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Make this a Linux on which everything can be confined."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(system, "supported_abi", lambda: 6)
    monkeypatch.setitem(sys.modules, "pyseccomp", ctypes)
    return monkeypatch


@pytest.mark.usefixtures("linux")
def test_strict_isolation_is_said_with_what_it_stands_on() -> None:
    assert system.isolation() == Finding("isolation", State.OK, "strict (Landlock ABI 6, libseccomp)")


@pytest.mark.parametrize(
    ("abi", "number", "why", "remedy"),
    [
        (3, 0, "Landlock has ABI 3 in this kernel or container", "use Linux 6.7 or newer"),
        (0, errno.ENOSYS, "Landlock is missing in this kernel or container", "use Linux 6.7 or newer"),
        (0, errno.EOPNOTSUPP, "Landlock was switched off when the system started", "add `landlock` to"),
    ],
    ids=["old", "missing", "off"],
)
def test_a_kernel_without_enough_landlock_is_a_warning(
    linux: pytest.MonkeyPatch, abi: int, number: int, why: str, remedy: str
) -> None:
    def landlock_abi() -> int:
        ctypes.set_errno(number)
        return abi

    linux.setattr(system, "supported_abi", landlock_abi)
    found = system.isolation()
    assert found.state is State.WARNING
    assert found.found.startswith(f"off, because {why}")
    assert found.remedy.startswith(remedy)


def test_a_missing_libseccomp_is_a_warning(linux: pytest.MonkeyPatch, packages: Path) -> None:
    linux.delitem(sys.modules, "pyseccomp")
    (packages / "pyseccomp.py").write_text("raise RuntimeError('Unable to find libseccomp')")
    found = system.isolation()
    assert found.state is State.WARNING
    assert "libseccomp.so.2 cannot be loaded (Unable to find libseccomp)" in found.found
    assert "sudo apt install libseccomp2" in found.remedy


def test_a_missing_pyseccomp_is_a_warning(linux: pytest.MonkeyPatch) -> None:
    linux.setitem(sys.modules, "pyseccomp", None)
    linux.setattr(system, "supported_abi", lambda: 1)
    found = system.isolation()
    assert "Landlock has ABI 1" in found.found
    assert "and the library pyseccomp is missing: submissions run without confinement" in found.found
    assert f"; {PIP} install pyseccomp; until then" in found.remedy


def test_another_system_than_linux_cannot_confine(linux: pytest.MonkeyPatch) -> None:
    linux.setattr(sys, "platform", "darwin")
    linux.setattr("platform.system", lambda: "Darwin")
    found = system.isolation()
    assert found.state is State.WARNING
    assert found.found.startswith("off, because confinement needs Linux, and this is Darwin: ")


@pytest.mark.parametrize(
    ("free", "state"), [(8 * GIB, State.OK), (GIB, State.WARNING), (None, State.SKIPPED)], ids=["much", "little", "?"]
)
def test_little_memory_is_a_warning(free: int | None, state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "free_memory", lambda: free)
    assert system.memory().state is state


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Have Python look for its folder for temporary files anew."""
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: namedtuple("Usage", "free")(9 * GIB))
    return monkeypatch


@pytest.mark.usefixtures("temporary")
def test_a_folder_for_temporary_files_is_named_with_its_room(tmp_path: Path) -> None:
    assert system.temporary_folder() == Finding("temporary files", State.OK, f"{tmp_path}, 9.0 GiB free")


def test_a_missing_tmpdir_is_a_warning(temporary: pytest.MonkeyPatch, tmp_path: Path) -> None:
    temporary.setenv("TMPDIR", str(tmp_path / "gone"))
    found = system.temporary_folder()
    assert found.state is State.WARNING
    assert f"TMPDIR is {tmp_path / 'gone'}, but that is not a writable folder" in found.found
    assert "unset TMPDIR" in found.remedy


def test_a_full_disk_is_a_warning(temporary: pytest.MonkeyPatch) -> None:
    temporary.setattr(shutil, "disk_usage", lambda _folder: namedtuple("Usage", "free")(2**20))
    assert system.temporary_folder().state is State.WARNING


def test_no_folder_for_temporary_files_is_a_problem(temporary: pytest.MonkeyPatch) -> None:
    def nowhere() -> str:
        raise FileNotFoundError

    temporary.setattr(tempfile, "gettempdir", nowhere)
    assert system.temporary_folder().state is State.PROBLEM


# --- the course ----------------------------------------------------------------------------------------------------


def in_course(name: str, check: Callable[[Course], Finding], root: Path) -> Finding:
    [found] = examination.made(name, lambda: check(find_course(root)))
    return found


def test_a_course_is_named_with_its_exercises(tmp_path: Path) -> None:
    root = make_course(tmp_path, ["numbers/double", "numbers/twice"])
    course, found = found_course.course_around(root / "exercises" / "numbers")
    assert course
    assert found.found == f"Doubling, step by step in {root}: 1 lesson, 2 exercises, with its answers"
    copy = make_course(tmp_path / "copy", reference=False)
    assert found_course.course_around(copy)[1].found.endswith("1 exercise, a student's copy")
    assert found_course.points(course) == Finding("points", State.OK, "the rubrics give 20 points for 2 exercises")


def test_a_folder_outside_of_any_course_is_a_warning(tmp_path: Path) -> None:
    course, found = found_course.course_around(tmp_path)
    assert course is None
    assert found.state is State.WARNING
    assert found.remedy == "`cd` into the folder of your course"


def test_a_deleted_folder_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert examination.around_here()[1].found == "the current folder has been deleted"


@pytest.mark.parametrize(
    ("file", "text", "name", "sentence"),
    [
        (
            "exercises/numbers/checks/test_double.py",
            "def test_it(:",
            "course",
            "exercises/numbers/checks/test_double.py is not valid Python (line 1: ",
        ),
        ("rubrics/numbers.toml", "points = ", "points", "rubrics/numbers.toml:1: the file is not valid TOML"),
    ],
    ids=["check", "rubric"],
)
def test_a_broken_course_is_a_problem_said_in_its_own_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, text: str, name: str, sentence: str
) -> None:
    monkeypatch.chdir(make_course(tmp_path, changes={file: text}))
    course, found = examination.around_here()
    if course:
        [found] = examination.made("points", lambda: found_course.points(course))
    assert (found.name, found.state) == (name, State.PROBLEM)
    assert found.found.startswith(sentence)


def a_record(schema: str, version: str) -> str:
    """Return what a working copy says of itself."""
    about = {"schema": schema, "grader": version, "course": "c", "audience": "course", "files": {}}
    return json.dumps(about)


@pytest.mark.parametrize(
    ("content", "state", "sentence", "remedy"),
    [
        (None, State.SKIPPED, "not compared: the course has no .grade.json", ""),
        (a_record("grader.copy/1", __version__), State.OK, "made by", ""),
        (
            a_record("grader.copy/1", "0.0.1"),
            State.WARNING,
            "this copy was made by version 0.0.1 of",
            "grade init --update .",
        ),
        (a_record("grader.copy/2", "0.0.1"), State.WARNING, 'its schema is "grader.copy/2"', "make a new copy with"),
        ("{", State.WARNING, ".grade.json cannot be read", "make a new copy with"),
    ],
    ids=["absent", "same", "other", "schema", "garbage"],
)
def test_a_copy_is_compared_with_the_version_that_is_installed(
    tmp_path: Path, content: str | None, state: State, sentence: str, remedy: str
) -> None:
    course = find_course(make_course(tmp_path, changes={".grade.json": content}, reference=False))
    found = found_course.course_version(course)
    assert found.state is state
    assert sentence in found.found
    assert found.remedy.startswith(remedy)
    assert bool(found.remedy) is (state is State.WARNING)


# --- processes that crash, hang or fail ----------------------------------------------------------------------------


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder in which a process that is started looks for modules first."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


def imports(*names: str) -> list[Step]:
    return [Step(name, "import_module", {"module": name}) for name in names]


def test_a_step_that_fails_says_why_and_the_next_is_taken(modules: Path) -> None:
    write_files(modules, {"broken.py": "raise OSError('no libcuda.so.1\\n and more')", "talks.py": "print('{')"})
    answers = take(imports("broken", "talks", "absent"), 60)
    assert answers["broken"] == Answer(worked=False, said="OSError: no libcuda.so.1")
    assert answers["talks"] == Answer(worked=True, said="")
    assert answers["absent"].said == "ModuleNotFoundError: No module named 'absent'"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", "crashed with SIGSEGV"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGILL)", "crashed with SIGILL: the processor lacks an"),
        ("import os, sys\nprint('out of luck', file=sys.stderr)\nos._exit(9)", "exit status 9: out of luck"),
    ],
    ids=["SIGSEGV", "SIGILL", "exit"],
)
def test_a_step_that_ends_the_process_is_blamed_for_it(modules: Path, source: str, said: str) -> None:
    write_files(modules, {"fine.py": "", "fatal.py": source})
    answers = take(imports("fine", "fatal", "unreached"), 60)
    assert list(answers) == ["fine", "fatal"]
    assert not answers["fatal"].worked
    assert said in answers["fatal"].said


def test_a_step_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocesses, "COMMAND", (sys.executable, "-c", "import time; time.sleep(3600)"))
    assert take([Step("slow", "worker")], 0.5) == {"slow": Answer(worked=False, said="did not end in 0.5 seconds")}


def test_a_process_that_does_not_even_start_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocesses, "COMMAND", (sys.executable, "-c", "import no_such_module"))
    [answer] = take([Step("worker", "worker")], 60).values()
    assert "exit status 1: ModuleNotFoundError: No module named 'no_such_module'" in answer.said


# --- what is tried in such processes -------------------------------------------------------------------------------


def answering(monkeypatch: pytest.MonkeyPatch, **answers: Answer) -> list[Step]:
    """Let every process give these answers, and "" for all other steps; return the steps that it is to take."""
    taken: list[Step] = []

    def take(steps: list[Step], _seconds: float) -> dict[str, Answer]:
        taken.extend(steps)
        return {step.label: answers.get(step.label, Answer(worked=True, said="")) for step in steps}

    for module in (trials, real_model):
        monkeypatch.setattr(module, "take", take)
    return taken


def wrong(said: str, *, advised: bool = False) -> Answer:
    return Answer(worked=False, said=said, advised=advised)


def test_what_can_be_imported_and_loaded_is_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = answering(monkeypatch, torch=Answer(worked=True, said="2.13.0+cpu, built for the CPU"))
    found = list(trials.libraries_and_tiny_model())
    assert [finding.state for finding in found] == [State.OK] * 3
    assert found[1].found == "2.13.0+cpu, built for the CPU"
    assert [step.label for step in taken][:1] == ["torch"]
    assert taken[-1].action == "tiny_model"
    assert Step("pillow", "import_module", {"module": "PIL"}) in taken


def test_a_library_that_cannot_be_imported_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, numpy=wrong("crashed with SIGILL"), peft=wrong("ImportError: numpy"))
    found = next(trials.libraries_and_tiny_model())
    assert found.state is State.PROBLEM
    assert found.found == "numpy is installed, but cannot be imported: crashed with SIGILL; nor can peft"
    assert found.remedy == f"{PIP} install --force-reinstall --no-deps numpy=={metadata.version('numpy')}"


def test_a_torch_that_cannot_be_imported_is_a_problem_of_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, torch=wrong("crashed with SIGILL"), diffusers=wrong("no torch"), tiny=wrong("no torch"))
    found, torch, _ = trials.libraries_and_tiny_model()
    assert found.found.startswith("torch is installed, but cannot be imported: crashed with SIGILL; nor can diffusers")
    assert (found.state, torch.state) == (State.PROBLEM, State.SKIPPED)
    assert "https://pytorch.org/get-started/locally/" in found.remedy


def test_a_damaged_tiny_model_is_a_problem(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answering(monkeypatch, tiny=wrong("OSError: unable to load weights"))
    *_, found = trials.libraries_and_tiny_model()
    assert found.state is State.PROBLEM
    assert found.remedy == f"git -C {PROJECT} checkout -- grader/diffusion/tiny_sd"
    monkeypatch.setattr(trials, "TINY_SD", tmp_path / "grader" / "models" / "tiny_sd")
    *_, found = trials.libraries_and_tiny_model()
    assert found.remedy == f"{PIP} install --force-reinstall --no-deps {requirement()}"


def test_where_libraries_are_missing_nothing_heavy_is_tried(packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(packages, NAME, needs=("torch", 'absent; extra == "notebook"'))
    monkeypatch.setattr(trials, "version", lambda _name: "")
    taken = answering(monkeypatch)
    found = [*trials.libraries_and_tiny_model(), trials.worker(), trials.kernel()]
    found += real_model.real_model(Asked("somewhere"), None)
    assert [finding.state for finding in found[1:]] == [State.SKIPPED] * 5
    assert taken == []


@pytest.mark.parametrize(("level", "how"), [("strict", "confined"), ("off", "without confinement")])
def test_a_worker_that_starts_is_in_order(level: str, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, worker=Answer(worked=True, said=level))
    assert trials.worker() == Finding("worker", State.OK, f"a worker starts, {how}")


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("GraderError: The worker could not be confined: seccomp", "`--isolation off` grades"),
        ("GraderError: The fork server ended unexpectedly: No module named 'grader'", "make a virtual environment"),
    ],
    ids=["refused", "user's packages"],
)
def test_a_worker_that_does_not_start_is_a_problem(said: str, remedy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, worker=wrong(said))
    found = trials.worker()
    assert found.state is State.PROBLEM
    assert said in found.found
    assert remedy in found.remedy


def test_the_kernel_of_notebooks_must_start_and_be_this_python(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, kernel=Answer(worked=True, said=sys.prefix))
    assert trials.kernel().state is State.OK
    answering(monkeypatch, kernel=Answer(worked=True, said="/usr"))
    found = trials.kernel()
    assert found.state is State.WARNING
    assert "the kernel `python3` runs the Python in /usr" in found.found
    assert "-m ipykernel install --user --name grade" in found.remedy
    answering(monkeypatch, kernel=wrong("RuntimeError: Kernel died"))
    found = trials.kernel()
    assert found.state is State.WARNING
    assert found.found == "it does not start: RuntimeError: Kernel died"


# --- a real model --------------------------------------------------------------------------------------------------

FOUND = Answer(worked=True, said="/m")
LOADED = Answer(worked=True, said=json.dumps(Choice(Path("/m"), "cuda", "float16", 0, "somebody/sd").arguments()))


def looked_at(asked: Asked) -> dict[str, Finding]:
    return {finding.name: finding for finding in real_model.real_model(asked, None)}


def test_a_device_alone_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, device=Answer(worked=True, said="cuda: H100, 70.0 of 79.0 GiB of memory are free"))
    found = looked_at(Asked(None, "cuda"))
    assert list(found) == ["device"]
    assert found["device"].state is State.OK


def test_a_device_that_is_not_there_or_does_not_compute_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, device=wrong("No GPU was found: run this where one is", advised=True), find=FOUND)
    found = looked_at(Asked("somebody/sd"))
    assert found["device"] == Finding("device", State.PROBLEM, "No GPU was found: run this where one is")
    assert found["model"].state is State.SKIPPED
    answering(monkeypatch, device=wrong("RuntimeError: no kernel image is available"))
    assert "pytorch.org" in looked_at(Asked(None, "cuda"))["device"].remedy


def test_a_wrong_folder_is_a_problem_said_in_its_own_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, find=wrong("There is no folder /m: correct the path", advised=True), load=wrong("so what"))
    assert looked_at(Asked("/m"))["model"] == Finding("model", State.PROBLEM, "There is no folder /m: correct the path")


def test_a_look_at_a_device_that_ends_the_process_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    crashed = {"find": FOUND, "device": wrong("crashed with SIGSEGV")}
    monkeypatch.setattr(real_model, "take", lambda _steps, _seconds: crashed)
    found = looked_at(Asked("/m", "cuda"))
    assert found["device"].found == "crashed with SIGSEGV"
    assert found["model"].state is State.SKIPPED


def test_a_model_that_is_not_here_yet_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch)
    found = looked_at(Asked("somebody/sd"))["model"]
    assert found.state is State.WARNING
    assert found.remedy == "the first `grade --tier gpu --model somebody/sd` downloads it"


@pytest.mark.parametrize(
    ("answer", "remedy"),
    [
        (wrong("RuntimeError: CUDA error"), "copy the model again, or try another --device or --dtype"),
        (wrong("It needs 9 GiB of memory: close what you can", advised=True), ""),
    ],
    ids=["fault", "sentence"],
)
def test_a_model_that_does_not_answer_is_a_problem(
    answer: Answer, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, find=FOUND, load=answer)
    found = looked_at(Asked("somebody/sd"))["model"]
    assert found == Finding("model", State.PROBLEM, f"it cannot be used: {answer.said}", remedy)


def test_a_model_without_tolerances_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, find=FOUND, load=LOADED)
    found = looked_at(Asked("somebody/sd"))
    assert found["model"].found == "/m answers on cuda in float16"
    assert found["tolerances"].state is State.PROBLEM
    assert found["tolerances"].remedy == "grade calibrate --model somebody/sd --device cuda --dtype float16"


def test_a_wrong_folder_is_refused_and_a_model_of_the_hub_is_not_downloaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub
    from huggingface_hub import errors

    def download(_name: str, *, local_files_only: bool = False) -> str:
        assert local_files_only
        raise errors.LocalEntryNotFoundError("not here")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    assert probe.find_model("somebody/sd") == ""
    assert probe.find_model(str(TINY_SD)) == str(TINY_SD)
    with pytest.raises(UsageError, match=r"has no model_index\.json: give a folder"):
        probe.find_model(str(tmp_path))


def test_a_real_model_is_loaded_and_answers() -> None:
    choice = chosen(**json.loads(probe.load_model(str(TINY_SD), "cpu", "bfloat16")))
    assert (choice.folder, choice.device, choice.dtype) == (TINY_SD, "cpu", "bfloat16")
    assert probe.device("cpu") == "cpu"
    assert real_model.measured(choice, None).state is State.OK


def test_a_model_that_answers_with_nan_is_refused() -> None:
    from grader.diffusion import loading

    loaded = copy.deepcopy(loading.load())
    loaded.unet.conv_out.bias.data.fill_(float("nan"))
    with pytest.raises(ArithmeticError, match="answers with NaN or infinity"):
        probe.ask(loaded, TINY)


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
