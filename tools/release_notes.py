"""Prints what the changelog says about the version of a tag; refuses a tag that names another version.

    python -m tools.release_notes v0.2.0 --links https://HOST/OWNER/NAME/blob/v0.2.0

The release workflow runs it first, so nothing is built for a tag that does not fit. It needs nothing but Python.
"""

from __future__ import annotations

import argparse
import posixpath
import re
import sys
from pathlib import Path

from grader.version import __version__

CHANGELOG = Path(__file__).parents[1] / "CHANGELOG.md"
_LINK = re.compile(r"\]\((?![a-z]+:|#)([^)\s]+)\)")


def notes(tag: str, changelog: str, version: str = __version__) -> str:
    """Return the changelog's section about the version that a tag names.

    Raises `SystemExit` with a sentence if the tag names another version, or if there is no such section or it is empty.
    """
    if tag != f"v{version}":
        raise SystemExit(f"The tag is {tag}, but grader/version.py says {version}: the tag must be v{version}.")
    sections = re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]
    heading = re.compile(rf"{re.escape(version)} - \d{{4}}-\d\d-\d\d\n")
    found = next((section for section in sections if heading.match(section)), None)
    if found is None:
        raise SystemExit(f"CHANGELOG.md has no section `## {version} - YYYY-MM-DD`: write one before you set the tag.")
    text = found.partition("\n")[2].strip()
    if not text:
        raise SystemExit(f"CHANGELOG.md says nothing about {version}: write what changes for people who use it.")
    return f"{text}\n"


def with_links(text: str, base: str) -> str:
    """Return Markdown whose links to files of the repository lead to them on its host."""
    return _LINK.sub(lambda found: f"]({base}/{posixpath.normpath(found[1])})", text)


def main() -> None:
    """Print the notes, or end with a sentence."""
    parser = argparse.ArgumentParser(
        description="Print the changelog's section for a tag, and refuse one that does not fit."
    )
    parser.add_argument("tag", metavar="TAG")
    parser.add_argument("--links", metavar="URL", help="where the repository's files are, for links")
    given = parser.parse_args()
    text = notes(given.tag, CHANGELOG.read_text(encoding="utf-8"))
    sys.stdout.write(with_links(text, given.links) if given.links else text)


if __name__ == "__main__":
    main()
