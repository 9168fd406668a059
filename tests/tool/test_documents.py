"""The documents of the repository: what they link to is there, and every room of the code is described."""

from __future__ import annotations

import ast
import json
import re
import textwrap
import tomllib
from pathlib import Path

import pytest

pytestmark = pytest.mark.light

PROJECT = Path(__file__).parents[2]
DOCUMENTS = [*PROJECT.glob("*.md"), *(PROJECT / "docs").glob("*.md"), PROJECT / "grader/diffusion/tiny_sd/README.md"]
BLOCK = re.compile(r"^( *)```(toml|json|python)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
PARSERS = {"toml": tomllib.loads, "json": json.loads, "python": ast.parse}
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_what_it_links_to_is_there(document: Path) -> None:
    links = set(LINK.findall(document.read_text(encoding="utf-8"))) - {"NAME.py"}  # which stands for a stub's
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_its_examples_can_be_read(document: Path) -> None:
    for _, language, text in BLOCK.findall(document.read_text(encoding="utf-8")):
        PARSERS[language](textwrap.dedent(text))


def test_every_room_is_described() -> None:
    described = (PROJECT / "docs/architecture.md").read_text(encoding="utf-8")
    rooms = [path.parent.name for path in (PROJECT / "grader").glob("*/__init__.py")]
    assert [room for room in rooms if f"`{room}/`" not in described and f"`{room}`" not in described] == []


def test_the_documents_that_people_look_for_are_linked_from_the_first_page() -> None:
    links = LINK.findall((PROJECT / "README.md").read_text(encoding="utf-8"))
    assert {"docs/architecture.md", "docs/authors.md", "CONTRIBUTING.md", "SECURITY.md"} <= set(links)
