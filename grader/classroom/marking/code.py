"""Draws what students wrote: code as lines with coloured words, and answers in Markdown; nothing of it is markup."""

from __future__ import annotations

import unicodedata

from markupsafe import Markup, escape

_LONGEST = 100_000  # characters of a file that is coloured; a longer one is shown as it is
_KEPT = "\n\t"


def lines(path: str, text: str) -> list[Markup]:
    """Return the lines of a file as HTML; Python is coloured by classes."""
    shown = visible(text).removesuffix("\n")
    plain = [escape(line) for line in shown.split("\n")]
    if not path.endswith(".py") or len(shown) > _LONGEST:
        return plain
    coloured = _coloured(shown)
    return coloured if len(coloured) == len(plain) else plain


def answer(markdown: str) -> Markup:
    """Return an answer as HTML, without pictures and links; HTML in it is shown as text."""
    from markdown_it import MarkdownIt

    off = ["image", "link", "autolink"]
    renderer = MarkdownIt("commonmark", {"html": False}).enable("table").disable(off)
    return Markup(renderer.render(visible(markdown)))


def visible(text: str) -> str:
    """Return a text in which nothing reorders or hides characters; such characters are named instead."""
    return "".join(
        f"\N{MATHEMATICAL LEFT ANGLE BRACKET}U+{ord(each):04X}\N{MATHEMATICAL RIGHT ANGLE BRACKET}"
        if unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp") and each not in _KEPT
        else each
        for each in text.replace("\r\n", "\n").replace("\r", "\n")
    )


def _coloured(text: str) -> list[Markup]:
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    html = highlight(text, PythonLexer(stripnl=False, ensurenl=False), HtmlFormatter(nowrap=True))
    found = html.split("\n")
    if not text.endswith("\n") and found[-1] == "":
        found.pop()  # the formatter ends the last line, too
    return [Markup(line) for line in found]
