"""What `grade doctor` says of the system: how submissions are confined, memory, and room for temporary files."""

from __future__ import annotations

import ctypes
import errno
import shutil
import sys
import tempfile
from collections import namedtuple
from pathlib import Path

import pytest

from grader.diffusion.resources import GIB
from grader.doctor import system
from grader.doctor.finding import Finding, State
from helpers.packages import PIP


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
