"""The code in documents: blocks with what comes before them, and commands as a shell would split them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    [*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md"), PROJECT / "grader/diffusion/tiny_sd/README.md"]
)
_MARK = re.compile(r"<!-- (?P<word>not run|exit status): (?P<said>.+?) -->")
_TITLE = re.compile(r'title="([^"]*)"')
_SOURCE = re.compile(r'src(?:set)?="([^"]+)"')
_MARKDOWN = MarkdownIt("commonmark").enable("table")
_SEPARATORS = ("&&", "||", ";", "|")


class Block(NamedTuple):
    """A block of code: where it begins, its language, its title, its text, and what the marks above it say."""

    document: Path
    line: int
    language: str
    title: str
    text: str
    marks: dict[str, str]

    @property
    def place(self) -> str:
        """Where it is, as an editor opens it."""
        return f"{self.document.relative_to(PROJECT)}:{self.line}"


def blocks(document: Path) -> list[Block]:
    """Return the blocks of code of a document, from the top; indented ones are of the language "indented"."""
    found: list[Block] = []
    marks: dict[str, str] = {}
    for token in _MARKDOWN.parse(document.read_text(encoding="utf-8")):
        if token.type == "html_block":
            marks |= {mark["word"]: mark["said"] for mark in _MARK.finditer(token.content)}
        elif token.type in ("fence", "code_block"):
            language = token.info.split()[0] if token.info else ("indented" if token.type == "code_block" else "")
            title = _TITLE.search(token.info)
            line = token.map[0] + 1 if token.map else 0
            found.append(Block(document, line, language, title[1] if title else "", token.content, marks))
            marks = {}
        elif token.type == "inline":
            marks = {}
    return found


def commands(block: Block) -> Iterator[list[str]]:
    """Yield every command of a block for a shell, without assignments before it and without redirections."""
    for line in block.text.replace("\\\n", " ").splitlines():
        yield from split(line)


def split(line: str) -> Iterator[list[str]]:
    """Yield the commands of one line."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    lexer.wordchars += "*?[]~=,:@%^{}$!"
    words: list[str] = []
    pending = list(lexer)
    while pending:
        word = pending.pop(0)
        if word in (">", ">>", "<", "2>"):
            pending = pending[1:]
        elif word in _SEPARATORS:
            yield words
            words = []
        elif words or not re.fullmatch(r"\w+=.*", word):
            words.append(word)
    if words:
        yield words


def links(document: Path) -> Iterator[str]:
    """Yield what a document links to, and the pictures that it shows, but not what stands in code."""
    for token in _MARKDOWN.parse(document.read_text(encoding="utf-8")):
        for child in (token, *(token.children or ())):
            if child.type in ("link_open", "image"):
                yield str(child.attrs["href" if child.type == "link_open" else "src"])
            elif child.type in ("html_block", "html_inline"):
                yield from _SOURCE.findall(child.content)


def spans(document: Path) -> Iterator[str]:
    """Yield what stands in code within the sentences of a document."""
    for token in _MARKDOWN.parse(document.read_text(encoding="utf-8")):
        for child in token.children or ():
            if child.type == "code_inline":
                yield child.content
