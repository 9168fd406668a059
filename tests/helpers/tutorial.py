"""Follows a tutorial as its reader would: runs its commands in order, writes its files, and compares what is printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from helpers.documented import Block, blocks

_IN_PLACE = re.compile(r"(?P<path>\S+), in place of (?P<old>.+)")
_AT_THE_END = re.compile(r"(?P<path>\S+), at the end")
_KEPT = ("PATH", "HOME", "LANG", "OMP_NUM_THREADS")


class Reader:
    """Somebody at a terminal, in an empty folder, with `grade` installed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._variables = {
            name: os.environ[name] for name in _KEPT if name in os.environ
        } | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "GRADE_DAEMON": "off",
            "COLUMNS": "100",
            "LANG": "C.UTF-8",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org",
            "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org",
        }  # fmt: skip
        self._printed = ""

    def follow(self, document: Path) -> list[Block]:
        """Do what a document says from its first block to its last; return the blocks that only a person can do."""
        left: list[Block] = []
        for block in blocks(document):
            if "not run" in block.marks:
                left.append(block)
            elif block.language == "sh":
                self._run(block)
            elif block.title:
                self._write(block)
            else:
                assert block.language == "text", f"{block.place}: name the file in a title, or mark it as not run."
                self._compare(block)
        return left

    def _run(self, block: Block) -> None:
        """Run a block in the folder, and with the variables, that the one before it has left."""
        script = f"set -e -o pipefail\n{block.text}"
        trailer = 'status=$?; { pwd; env -0; } > "$STATE"; exit $status'
        state = self._folder.parent / "state"
        done = subprocess.run(
            ["bash", "-c", f"trap {trailer!r} EXIT\n{script}"],
            cwd=self._folder,
            env=self._variables | {"STATE": str(state)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        due = int(block.marks.get("exit status", "0"))
        assert done.returncode == due, f"{block.place} ended with {done.returncode}:\n{block.text}\n{done.stdout}"
        self._printed = done.stdout
        place, _, variables = state.read_text(encoding="utf-8").partition("\n")
        self._folder = Path(place)
        self._variables = dict(each.split("=", 1) for each in variables.rstrip("\0").split("\0"))

    def _compare(self, block: Block) -> None:
        """Compare what the last commands have printed with what the document says, in which ... stands for anything."""
        pattern = re.escape(_without_blanks(block.text)).replace(r"\.\.\.", r"[\s\S]*?").replace("…", r"[\s\S]*?")
        assert re.fullmatch(pattern, _without_blanks(self._printed)), (
            f"{block.place} says\n{block.text}\nand this was printed:\n{self._printed}"
        )

    def _write(self, block: Block) -> None:
        """Write a file as a block's title says: all of it, something in the place of a text, or something at the end."""
        if within := _IN_PLACE.fullmatch(block.title):
            path = self._folder / within["path"]
            before = path.read_text(encoding="utf-8")
            assert before.count(within["old"]) == 1, f"{block.place}: {path} has `{within['old']}` not once."
            line = next(line for line in before.splitlines(keepends=True) if within["old"] in line)
            path.write_text(before.replace(line, block.text), encoding="utf-8")
        elif after := _AT_THE_END.fullmatch(block.title):
            path = self._folder / after["path"]
            path.write_text(path.read_text(encoding="utf-8") + block.text, encoding="utf-8")
        else:
            path = self._folder / block.title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")


def _without_blanks(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
