"""What a worker may read: Python, its packages and what they ask of the system, and nothing of the grader."""

from __future__ import annotations

import functools
import importlib.util
import os
import sys
from pathlib import Path
from typing import NamedTuple

_GPU_DEVICES = ("nvidia*", "nvidia-caps/*", "nvhost*", "nvmap", "dxg")  # of cards, of Jetsons, of Windows underneath
_GRADER = Path(__file__).parents[2]  # the package, in which answers and oracles stand


class Readable(NamedTuple):
    """What a worker may read: files and whole folders, and folders of which it may know no more than the names."""

    paths: list[str]
    listed: list[str]


@functools.cache
def readable(forbidden: tuple[str, ...] = ()) -> Readable:
    """Return what a worker may read: Python, its packages, and what numerical libraries ask of the system.

    Left out are this package and the files of the modules that are `forbidden`.
    """
    hidden = {os.path.realpath(_GRADER), *(str(place) for module in forbidden for place in _places_of(module))}
    found = Readable([], [])
    for path in _libraries():
        _add(found, os.path.realpath(path), hidden)
    return found


def _add(found: Readable, path: str, hidden: set[str]) -> None:
    """Add a path to what may be read, without those hidden in it; a folder that holds some is added entry by entry."""
    if path in found.listed or any(_lies_in(path, each) for each in hidden):
        return
    if not _holds_any(path, hidden):
        found.paths.append(path)
        return
    found.listed.append(path)
    for entry in os.scandir(path):
        target = os.path.realpath(entry.path)
        if not (entry.is_symlink() and _holds_any(target, hidden)):  # a link to a folder around this one opens nothing
            _add(found, target, hidden)


def _holds_any(folder: str, paths: set[str]) -> bool:
    return any(_lies_in(path, folder) for path in paths)


def _lies_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + os.sep)


def _places_of(module: str) -> list[Path]:
    """Return the folder or the files that a module is imported from, without importing it; none if there are none."""
    top, *inner = module.split(".")
    spec = importlib.util.find_spec(top)
    if spec is None or spec.origin is None:
        return []
    place = Path(os.path.realpath(spec.origin))
    if spec.submodule_search_locations is not None:
        place = place.parent.joinpath(*inner)
    if place.is_dir():
        return [place]
    return [place.with_suffix(".py"), *(place.parent / "__pycache__").glob(f"{place.stem}.*.pyc")]


def _libraries() -> list[str]:
    prefixes = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.exec_prefix), Path(sys.base_exec_prefix)}
    libraries = {str(prefix / name) for prefix in prefixes for name in ("lib", "lib64")}
    packages = {
        entry for entry in sys.path if entry and Path(entry).is_absolute() and Path(entry).name.endswith("-packages")
    }
    system = {"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/usr/share/zoneinfo"}
    devices = {"/dev/null", "/dev/zero", "/dev/urandom", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu"}
    return sorted(libraries | packages | system | devices)


def gpu_paths() -> list[str]:
    """Return what CUDA reads, writes and controls: the driver's devices, and what it says of itself and the machine."""
    devices = {str(path) for pattern in _GPU_DEVICES for path in Path("/dev").glob(pattern)}
    driver = {"/proc/self", "/proc/driver/nvidia", "/proc/devices", "/proc/modules", "/proc/sys/vm", "/proc/sys/kernel"}
    system = {"/sys/devices", "/sys/bus/pci", "/sys/module", "/sys/class/drm", "/etc/nvidia", "/usr/share/nvidia"}
    libraries = {"/usr/lib/wsl", "/usr/local/cuda", "/opt/cuda", *map(str, Path("/usr/local").glob("cuda-*"))}
    return sorted(devices | driver | system | libraries)
