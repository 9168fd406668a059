"""Checks of what pip has installed: Python, our libraries and their versions, and who else has files in our folder.

Everything is read from the metadata of distributions; nothing is imported.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import platform
import re
import shlex
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from grader.distribution import NAME, requirement
from grader.doctor.finding import Finding, State, listed, pip

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PACKAGE = "grader"  # our import name, which is the name of an unrelated distribution
NOTEBOOK = "notebook"  # the extra that notebooks need
_REQUIREMENT = re.compile(r"\s*([\w.-]+)\s*(?:\[[^]]*\])?\s*\(?([^;)]*)\)?\s*(?:;(.*))?")
_PIN = re.compile(r"\s*([\w.-]+)\s*==\s*([^\s;#]+)")
_PACKAGING = importlib.util.find_spec("packaging") is not None
_FEW, _MANY = 3, 30  # libraries that a command names one by one, and a sentence


class Need(NamedTuple):
    """A library that a distribution needs, and the versions that it may have, such as ">=2.6,<3"."""

    name: str
    versions: str

    def __str__(self) -> str:
        return self.name + self.versions


def python() -> Finding:
    """Check the version of Python against the one that the distribution asks for."""
    found, ours = platform.python_version(), _distribution(NAME)
    wanted = _field(ours, "Requires-Python") if ours else ""
    if not _fits(found, wanted):
        return Finding(
            "Python",
            State.PROBLEM,
            f"Python {found} ({sys.executable}), where {wanted} is needed",
            f"make a virtual environment with another Python (`python3.12 -m venv .venv`), and install there: "
            f"`python -m pip install {requirement()}`",
        )
    return Finding("Python", State.OK, f"{found}, {sys.executable}")


def libraries(constraints: Path | None = None) -> Finding:
    """Check that every library we depend on is installed, in a version that we support.

    `constraints` is the course's file of pinned versions, None if it has none: what is installed, is installed by it.
    """
    wanted = our_needs()
    if not wanted:
        found = f"pip does not know {NAME} in this Python, so nothing says which libraries it needs"
        return Finding("libraries", State.PROBLEM, found, _install(requirement(), constraints))
    if wrong := list(_unmet(wanted)):
        remedy = _remedy([need for need, _ in wrong], requirement(), constraints)
        return Finding("libraries", State.PROBLEM, _complaint(wrong), remedy)
    return Finding("libraries", State.OK, f"all {len(wanted)} are installed, in versions that this grader supports")


def notebook_extra(constraints: Path | None = None) -> Finding:
    """Check that the libraries of the extra for notebooks are installed; nothing else needs them."""
    wanted = our_needs(NOTEBOOK)
    if wrong := list(_unmet(wanted)):
        found = f"{_complaint(wrong)}; only notebooks need this (%%exercise, grader.check, --execute)"
        return Finding("notebook extra", State.WARNING, found, _install(requirement(NOTEBOOK), constraints))
    return Finding("notebook extra", State.OK, ", ".join(f"{need.name} {version(need.name)}" for need in wanted))


def pinned_versions(constraints: Path | None) -> Finding:
    """Compare what is installed with the versions that the course's marks were made with."""
    if constraints is None or not constraints.is_file():
        return Finding("versions", State.SKIPPED, "not compared: no course with a constraints.txt was found here")
    pins = {_normal(name): pin for name, pin in _PIN.findall(constraints.read_text(encoding="utf-8"))}
    compared = {name: found for name in sorted(_used()) if name in pins and (found := version(name))}
    differing = [f"{name} {found} ({pins[name]})" for name, found in compared.items() if not _is(found, pins[name])]
    if differing:
        found = f"{len(differing)} of {len(compared)} differ from constraints.txt, which marks are made with: "
        extra = "" if any(_unmet(our_needs(NOTEBOOK))) else NOTEBOOK
        remedy = _install(requirement(extra), constraints)
        return Finding("versions", State.WARNING, found + listed(differing), remedy)
    return Finding("versions", State.OK, f"all {len(compared)} are those of constraints.txt")


def import_folder() -> Finding:
    """Look for another distribution with files in our import folder, and for files of ours that were changed."""
    others = {
        f"{_field(distribution, 'Name')} {_field(distribution, 'Version')}"
        for distribution in metadata.distributions()
        if _claims_our_folder(distribution)
    }
    changed = list(_changed(_distribution(NAME)))
    again = pip(f"install --force-reinstall --no-deps {requirement()}")
    if others:
        names = " ".join(sorted(other.partition(" ")[0] for other in others))
        found = (
            f"{listed(sorted(others))} is installed too: it has nothing to do with this grader, but its files are in a "
            f"folder of the same name, `{PACKAGE}`"
        )
        found += f"; it has overwritten {listed(changed)} of this grader" if changed else ""
        return Finding("import folder", State.PROBLEM, found, f"{pip(f'uninstall --yes {names}')} && {again}")
    if changed:
        found = f"these files were changed after they were installed: {listed(changed)}"
        return Finding("import folder", State.PROBLEM, found, again)
    return Finding("import folder", State.OK, f"{Path(__file__).parents[1]}, without files of other packages")


def version(name: str) -> str:
    """Return the version of a distribution, "" if it is not installed."""
    found = _distribution(name)
    return _field(found, "Version") if found else ""


def our_needs(extra: str = "") -> list[Need]:
    """Return the libraries that this grader needs (see `needs_of`); none if pip does not know it."""
    ours = _distribution(NAME)
    return needs_of(ours, extra) if ours else []


def needs_of(distribution: metadata.Distribution, extra: str = "") -> list[Need]:
    """Return the libraries that a distribution needs on this system, or those that an extra of it adds."""
    found = []
    for line in distribution.requires or ():
        match = _REQUIREMENT.match(line)
        if match and _applies((match[3] or "").strip(), extra):
            found.append(Need(match[1], match[2].strip()))
    return found


def constraints_of(course: Path) -> Path | None:
    """Return a course's file of pinned versions, None if it has none."""
    path = course / "constraints.txt"
    return path if path.is_file() else None


def _distribution(name: str) -> metadata.Distribution | None:
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None


def _field(distribution: metadata.Distribution, key: str) -> str:
    """Return a field of a distribution's metadata, "" if it has none: a half-removed distribution has no fields."""
    fields = distribution.metadata
    return fields[key] if fields and key in fields else ""


def _unmet(wanted: Iterable[Need]) -> Iterator[tuple[Need, str]]:
    """Yield the needs that are not met, each with the installed version ("" if it is not installed)."""
    for need in wanted:
        found = version(need.name)
        if not found or not _fits(found, need.versions):
            yield need, found


def _complaint(wrong: Iterable[tuple[Need, str]]) -> str:
    missing = [need.name for need, found in wrong if not found]
    unfit = [f"{need.name} {found} ({need.versions} is needed)" for need, found in wrong if found]
    parts = [f"missing: {listed(missing, _MANY)}"] if missing else []
    parts += [f"in a version that does not fit: {listed(unfit)}"] if unfit else []
    return "; ".join(parts)


def _remedy(wrong: list[Need], all_of_them: str, constraints: Path | None) -> str:
    few = " ".join(shlex.quote(str(need)) for need in wrong)
    return _install(few if len(wrong) <= _FEW else all_of_them, constraints)


def _install(what: str, constraints: Path | None) -> str:
    pinned = f"--constraint {shlex.quote(str(constraints))} " if constraints else ""
    return pip(f"install {pinned}{what}")


def _used() -> set[str]:
    """Return the names of all distributions that ours needs, or a notebook, and that those need in turn."""
    pending = [*our_needs(), *our_needs(NOTEBOOK)]
    used: set[str] = set()
    while pending:
        name = _normal(pending.pop().name)
        if name not in used and (distribution := _distribution(name)):
            used.add(name)
            pending += needs_of(distribution)
    return used


def _claims_our_folder(distribution: metadata.Distribution) -> bool:
    name = _normal(_field(distribution, "Name"))
    if name == NAME:
        return False
    top_level = (distribution.read_text("top_level.txt") or "").split()
    recorded = "\n" + (distribution.read_text("RECORD") or "")
    return PACKAGE in (name, *top_level) or f"\n{PACKAGE}/" in recorded


def _changed(ours: metadata.Distribution | None) -> Iterator[str]:
    """Yield the files of our package that are not what pip has installed; those of a clone may change."""
    for file in (ours and ours.files) or ():
        if file.parts[0] == PACKAGE and file.hash is not None:
            path = Path(str(file.locate()))
            digest = hashlib.new(file.hash.mode, path.read_bytes()).digest() if path.is_file() else b""
            if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != file.hash.value:
                yield str(file)


# --- versions, compared by `packaging` where it is installed: without it, every version fits ------------------------


def _fits(found: str, wanted: str) -> bool:
    if not _PACKAGING:
        return True
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(wanted).contains(found, prereleases=True)
    except InvalidSpecifier:
        return True


def _is(found: str, pin: str) -> bool:
    """Tell whether a version is the pinned one; a build's own mark, as in 2.13.0+cpu, does not matter."""
    return found.partition("+")[0] == pin.partition("+")[0]


def _applies(marker: str, extra: str) -> bool:
    """Tell whether a requirement with a marker holds here: without an extra, or only by it."""
    if not _PACKAGING:
        return f'"{extra}"' in marker.replace("'", '"') if extra else "extra" not in marker
    from packaging.markers import Marker

    if not marker:
        return not extra
    without, within = (Marker(marker).evaluate({"extra": name}) for name in ("", extra))
    return within and not without if extra else without


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
