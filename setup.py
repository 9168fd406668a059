"""Puts the students' edition of the course into wheels and source distributions; all else is in `pyproject.toml`.

It is made of recorded data, so that building imports no torch. A source distribution holds the edition ready, and
neither the course's answers nor what the edition is made of.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

HERE = Path(__file__).resolve().parent
EDITION = "edition"


def write_edition(package: Path) -> None:
    """Write the edition into a built package; a source distribution has it in its own already."""
    ready = HERE / "grader" / EDITION
    shutil.rmtree(package / EDITION, ignore_errors=True)
    if ready.is_dir():
        shutil.copytree(ready, package / EDITION)
        return
    sys.path.insert(0, str(HERE))
    from grader import edition
    from grader.course.finding import find_course

    edition.write(package / EDITION, edition.files(find_course(HERE), edition.COURSE))


class BuildWithEdition(build_py):
    """Builds the package with the edition in it, unless the package stays where it is (`pip install --editable`)."""

    def run(self) -> None:
        """Build the package."""
        super().run()
        if not self.editable_mode:
            write_edition(Path(self.build_lib) / "grader")


class SdistWithEdition(sdist):
    """Makes a source distribution with the edition in it."""

    def make_release_tree(self, base_dir: str, files: list[str]) -> None:
        """Fill the tree that is packed."""
        super().make_release_tree(base_dir, files)
        write_edition(Path(base_dir) / "grader")


setup(cmdclass={"build_py": BuildWithEdition, "sdist": SdistWithEdition})
