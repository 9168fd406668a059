"""What `grade doctor` says of an installation: libraries that are missing, old, changed or not the pinned ones."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from grader.distribution import NAME, requirement
from grader.doctor import installation, trials
from grader.doctor.finding import State
from helpers.packages import PIP, install


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
