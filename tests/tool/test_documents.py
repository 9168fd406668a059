"""The documents of the repository: what they link to is there, their code can be read, and their commands exist.

The commands of tutorials are run, too: `tests/integration/test_tutorials.py`.
"""

from __future__ import annotations

import ast
import json
import re
import textwrap
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from helpers.command_line import as_typed, problem
from helpers.documented import DOCUMENTS, PROJECT, blocks, commands, links, spans, split

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.light

ELSEWHERE = re.compile(r"https?:|mailto:|#")
MAGIC = re.compile(r"^%%?(?P<name>\w+).*$", re.MULTILINE)
MAGICS = {"exercise", "grader", "load_ext", "answer"}


def read_cell(text: str) -> None:
    """Read a notebook's cell: magics that there are, and Python."""
    assert {found["name"] for found in MAGIC.finditer(text)} <= MAGICS
    ast.parse(MAGIC.sub("", text))


# How the code of each language is checked. There is no code in `text`, which shows files and what is printed.
READ: dict[str, Callable[[str], object]] = {
    "toml": tomllib.loads, "json": json.loads, "python": ast.parse, "yaml": yaml.safe_load, "ipython": read_cell,
    "markdown": str, "text": str,
}  # fmt: skip


def of_document(document: Path) -> str:
    return document.relative_to(PROJECT).as_posix()


@pytest.fixture(params=DOCUMENTS, ids=of_document)
def document(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_what_it_links_to_is_there(document: Path) -> None:
    places = {link.partition("#")[0] for link in links(document) if not ELSEWHERE.match(link)}
    assert [place for place in places if not (document.parent / place).exists()] == []


def test_every_block_of_code_has_a_language_that_is_checked(document: Path) -> None:
    found = blocks(document)
    assert [block.place for block in found if block.language not in (*READ, "sh")] == []
    for block in found:
        if block.language != "sh":
            READ[block.language](textwrap.dedent(block.text))


def test_its_commands_exist_with_their_options(document: Path) -> None:
    made = {block.title for block in blocks(document)}
    typed = [(block, command) for block in blocks(document) if block.language == "sh" for command in commands(block)]
    problems = [
        (block.place, *found) for block, command in typed if (found := (problem(command, made=made), command))[0]
    ]
    assert problems == []


def test_commands_in_its_sentences_exist(document: Path) -> None:
    if document.name == "CHANGELOG.md":  # it also names what was there once
        return
    typed = [words for span in spans(document) if (words := as_typed(span)) is not None]
    assert [(words, found) for words in typed if (found := problem(words, in_a_sentence=True))] == []


def test_no_command_stands_in_a_block_that_is_not_for_a_shell(document: Path) -> None:
    texts = [block for block in blocks(document) if block.language == "text"]
    assert [block.place for block in texts if re.search(r"^\$ ", block.text, re.MULTILINE)] == []


def test_every_room_is_described() -> None:
    described = (PROJECT / "docs/architecture.md").read_text(encoding="utf-8")
    rooms = [path.parent.name for path in (PROJECT / "grader").glob("*/__init__.py")]
    assert [room for room in rooms if f"`{room}/`" not in described and f"`{room}`" not in described] == []


def test_the_documents_that_people_look_for_are_linked_from_the_first_page() -> None:
    linked = set(links(PROJECT / "README.md"))
    assert {"docs/architecture.md", "docs/authors.md", "CONTRIBUTING.md", "SECURITY.md"} <= linked


def test_the_first_page_is_short() -> None:
    assert len((PROJECT / "README.md").read_text(encoding="utf-8").splitlines()) < 150


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("grade reverse_step --seed 3", None),
        ("grade batch x.zip --gradebook a.sqlite", None),
        ("grade batch x.zip", "refuses this"),
        ("grade export --gradebook a --format cvs", "refuses this"),
        ("grade verify --quick", "refuses this"),
        ("grade gradebook burn", "has no command burn"),
        ("make demos", "the Makefile has no demos"),
        ("make demo TORCH=cuda", None),
        ("A=1 frobnicate | less", "no test knows"),
        ("python tools/missing.py", "there is no tools/missing.py"),
        ("pip install 'g-0.1.0-py3-none-any.whl[markings]'", "no extra markings"),
    ],
)
def test_a_command_that_cannot_be_given_is_noticed(line: str, found: str | None) -> None:
    said = problem(next(split(line)))
    assert (said is None) if found is None else found in (said or "")
