"""Takes code, or an answer in text, out of what a student typed into a platform's text field, which arrives as HTML."""

from __future__ import annotations

import ast
import re
from html.parser import HTMLParser

from grader.course.syntax import parse

MAX_BYTES = 200_000
MAX_CODE = 100_000  # characters; Python takes about a thousand times as much memory to parse them
_BLOCKS = {"p", "div", "pre", "li", "ul", "ol", "tr", "table", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"}
_UNSEEN = {"script", "style", "head", "title"}
_DECLARATION = re.compile("<[!?]")
_FENCE = re.compile(r"^```\w*\n(?P<code>.*?)\n```$", re.DOTALL)


class _Text(HTMLParser):
    """Collects the text of a page, line by line as it is shown."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines = [""]
        self._unseen = self._as_it_is = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - as the base class has it
        if tag in _UNSEEN:
            self._unseen += 1
        self._as_it_is += tag == "pre"
        if tag == "br":
            self.lines.append("")
        elif tag in _BLOCKS:
            self._begin_line()

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(self._unseen - 1, 0)
        if tag in _BLOCKS:
            self._begin_line()
        if tag == "pre":
            self._as_it_is = max(self._as_it_is - 1, 0)

    def handle_data(self, data: str) -> None:
        if self._unseen:
            return
        if not self._as_it_is:  # line ends in the source are blanks, but no-break spaces are indentation
            data = re.sub(r"[ \t\r\n]+", " ", data)
            data = data if self.lines[-1] else data.lstrip(" ")
        first, *others = data.replace("\r\n", "\n").split("\n")
        self.lines[-1] += first
        self.lines += others

    def _begin_line(self) -> None:
        if self.lines[-1]:
            self.lines.append("")


def text_of(page: bytes) -> str:
    """Return the text of an HTML page, with the lines and the indentation that a reader sees."""
    reader = _Text()
    reader.feed(_without_declarations(page.decode("utf-8", "replace").removeprefix("\ufeff")))
    reader.close()
    lines = [line.replace("\xa0", " ").replace("\u200b", "").rstrip() for line in reader.lines]
    return "\n".join(lines).strip("\n") + "\n"


def _without_declarations(page: str) -> str:
    """Take out comments and the like; the parser takes ages over many that do not end, each of which it tries again."""
    kept, at = [], 0
    while found := _DECLARATION.search(page, at):
        begin = found.start()
        kept.append(page[at:begin])
        ends = "-->" if page.startswith("<!--", begin) else ">"
        end = page.find(ends, begin + 2)
        if end < 0:
            return "".join(kept)
        at = end + len(ends)
    return "".join([*kept, page[at:]])


def _is_made_by_an_editor(page: bytes) -> bool:
    """Tell whether tags are closed, as editors write them, apart from a few; the parser tries open ones again, too."""
    return len(page) <= MAX_BYTES and page.count(b"<") <= 2 * page.count(b">") + 100


def code_of(page: bytes) -> bytes | None:
    """Return the text of a page if it is Python that defines something, None if it is anything else."""
    if not _is_made_by_an_editor(page):
        return None
    text = text_of(page)
    fenced = _FENCE.match(text.strip())
    text = fenced["code"] + "\n" if fenced else text
    if len(text) > MAX_CODE:
        return None
    try:
        module = parse(text)
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return None
    defines = any(isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) for each in module.body)
    return text.encode() if defines else None


def answer_of(page: bytes) -> bytes:
    """Return the text of a page as Markdown in which the first line is the heading, b"" if it has only one line."""
    text = text_of(page).strip() if _is_made_by_an_editor(page) else ""
    title, _, answer = text.partition("\n")
    return f"# {title.lstrip('# ')}\n\n{answer.strip()}\n".encode() if answer.strip() else b""
