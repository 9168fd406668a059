"""Builds what a Containerfile describes without a container runtime: in folders that become the root of its commands.

`/usr` and the libraries are this machine's, read-only, and its Python takes the place of the one in the base image.
Everything else of an image (`/etc`, `/opt`, homes) is a folder of its own. Programs that change `/usr` only write down
how they were called.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

_CALLS = "/calls"
_BASE = Path(sys.base_prefix)  # below the root it has the same path: its libraries are looked for there
_RECORDED = ("apt-get",)  # installs into /usr
_LINE = re.compile(r"(?P<word>[A-Z]+)\s+(?P<rest>.+)", re.DOTALL)


class Instruction(NamedTuple):
    """An instruction with what stands behind its word, continuation lines joined."""

    word: str
    rest: str


def instructions(path: Path) -> list[Instruction]:
    """Return the instructions of a Containerfile, without its comments."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    found = [_LINE.fullmatch(line.strip()) for line in joined.splitlines() if line.strip()]
    assert all(found), joined
    return [Instruction(match["word"], match["rest"]) for match in found if match]


class Image:
    """The last stage of a Containerfile that was built into a folder, and can be run."""

    def __init__(self, containerfile: Path, context: Path, home: Path) -> None:
        self._stages: dict[str, Path] = {}
        self._context = context
        self._variables = {"PATH": "/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin"}
        self._folder = "/"
        self._user = "0:0"
        self.entrypoint: list[str] = []
        self.calls: list[str] = []
        for number, (word, rest) in enumerate(instructions(containerfile)):
            if word == "FROM":
                self._begin(home / f"stage{number}", rest.partition(" AS ")[2])
            elif word == "RUN":
                self._checked(["sh", "-c", rest])
            elif word == "COPY":
                self._copy(shlex.split(rest))
            elif word == "ENV":
                name, _, value = rest.partition("=")
                self._variables[name] = value
            elif word == "WORKDIR":
                self._folder = rest
                self._inside(rest).mkdir(parents=True, exist_ok=True)
            elif word == "USER":
                self._user = rest
            elif word == "ENTRYPOINT":
                self.entrypoint = json.loads(rest)
            else:
                assert word in ("ARG", "CMD"), f"{word} is not understood"

    def run(self, *arguments: str, mounted: dict[Path, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run the image as a runtime would, with folders of this machine mounted."""
        return self._run([*self.entrypoint, *arguments], mounted or {})

    def _begin(self, root: Path, name: str) -> None:
        root.mkdir(parents=True)
        root.chmod(0o755)
        self._root, self._folder, self._user = root, "/", "0:0"
        self._variables = {"PATH": "/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin"}
        self._stages[name] = root
        for folder in ("usr", "proc", "dev", "tmp", "opt", "shims"):
            (root / folder).mkdir()
        (root / "tmp").chmod(0o1777)
        for link in ("bin", "lib", "lib64", "sbin"):
            if (Path("/") / link).is_symlink():
                (root / link).symlink_to(Path("/", link).readlink())
        subprocess.run(["cp", "--archive", "/etc", root / "etc"], check=True)
        python = f"{_BASE}/bin/python{sys.version_info[0]}.{sys.version_info[1]}"
        shims = {program: f'echo "{program} $*" >>{_CALLS}' for program in _RECORDED} | {
            "python": f'exec {python} "$@"'
        }
        for program, command in shims.items():
            shim = root / "shims" / program
            shim.write_text(f"#!/bin/sh\n{command}\n")
            shim.chmod(0o755)

    def _inside(self, path: str) -> Path:
        return self._root / os.path.normpath(f"{self._folder}/{path}" if path[0] != "/" else path).lstrip("/")

    def _copy(self, words: list[str]) -> None:
        source = self._context
        if words[0].startswith("--from="):
            source = self._stages[words.pop(0).removeprefix("--from=")]
        *names, target = words
        assert not any(name.startswith("--") for name in names), "options of COPY are not understood"
        found = [path for name in names for path in sorted(source.glob(name.lstrip("/")))]
        assert len(found) >= len(names), f"{names}: not all there"
        place = self._inside(target)
        (place if target.endswith("/") else place.parent).mkdir(parents=True, exist_ok=True)
        for path in found:
            subprocess.run(["cp", "--recursive", "--no-dereference", path, place], check=True)

    def _checked(self, command: list[str]) -> None:
        done = self._run(command, {})
        assert done.returncode == 0, f"{command}:\n{done.stdout}\n{done.stderr}"
        calls = self._root / _CALLS.lstrip("/")
        if calls.is_file():
            self.calls += calls.read_text().splitlines()
            calls.unlink()

    def _run(self, command: list[str], mounted: dict[Path, str]) -> subprocess.CompletedProcess[str]:
        script = "\n".join([*self._mounts(mounted), 'exec "$@"'])
        kept = {k: v for k, v in os.environ.items() if k.startswith(("PIP_", "SSL_", "HTTP", "http"))}
        variables = kept | self._variables | {"PATH": f"/shims:{self._variables['PATH']}"}
        uid, _, gid = self._user.partition(":")
        become = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--inh-caps=-all", "--no-new-privs"]
        program = [
            "chroot", str(self._root), *(become if uid != "0" else ()),
            "env", "-i", *(f"{name}={value}" for name, value in variables.items()),
            "sh", "-c", 'cd "$0" && exec "$@"', self._folder, *command,
        ]  # fmt: skip
        return subprocess.run(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", *program],
            cwd="/", capture_output=True, text=True, check=False,
        )  # fmt: skip

    def _mounts(self, mounted: dict[Path, str]) -> list[str]:
        """Return the shell commands that put this machine's programs, and the image's Python, below the root."""
        lines = ["set -e"]
        wheels = [path for path in Path("/opt").iterdir() if path.is_dir()]  # where pip may be told to look
        bound = [(Path("/usr"), "usr"), (Path("/dev"), "dev")]
        bound += [
            (path, str(path).lstrip("/")) for path in (*wheels, *([] if _BASE.is_relative_to("/usr") else [_BASE]))
        ]
        for source, target in [*bound, *((path, place.lstrip("/")) for path, place in mounted.items())]:
            lines += [f"mkdir -p '{self._root / target}'", f"mount --rbind '{source}' '{self._root / target}'"]
        lines += [f"mount -o remount,bind,ro '{self._root}/usr'", f"mount -t proc proc '{self._root}/proc'"]
        return lines
