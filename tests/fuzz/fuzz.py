"""Fuzzes one target, led by coverage: `python tests/fuzz/fuzz.py TARGET [FOLDER] [-runs=N] [-max_total_time=SECONDS]`.

New inputs that reach further go into FOLDER, or nowhere; `corpus/TARGET` is read first, and is a FOLDER, too. What breaks is
written to `crash-...`. Options are those of libFuzzer.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[1]))
MOST_BYTES = 4096  # of an input: larger ones hold nothing new, and take longer


def main() -> None:
    """Fuzz until there is nothing more to do; exit with 1 if something breaks."""
    name, *rest = sys.argv[1:]
    with atheris.instrument_imports(include=["grader", "nbformat", "zipfile", "tomllib"]):
        from fuzz import targets
    target = targets.TARGETS[name]
    corpus = targets.CORPORA / name
    corpus.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(target.seeds()):
            (Path(folder) / f"seed-{number}").write_bytes(seed)
        own = [each for each in rest if not each.startswith("-")] or [tempfile.mkdtemp()]
        options = [f"-max_len={MOST_BYTES}", "-print_final_stats=1", *(each for each in rest if each.startswith("-"))]
        arguments = [sys.argv[0], *options, *own, str(corpus), folder]
        atheris.Setup(arguments, target.run, enable_python_coverage=True)
        atheris.Fuzz()
        os._exit(0)


if __name__ == "__main__":
    main()
